import type { RecordIdentifiers } from "./types.ts";

export interface PropertiesOptions extends RecordIdentifiers {
  type?: string;
}

export interface PropertiesResponse {
  recordId: string;
  type: string;
  properties: Record<string, { value: unknown; collectionId: string }>;
}

/** One of `propertyValue`, `arrayPush`, `arrayRemove`, `arrayPatch`. */
export interface UpdatePropertyOptions {
  recordId: string;
  propertyName: string;
  propertyValue?: unknown;
  arrayPush?: { items: unknown[]; unique?: boolean };
  arrayRemove?: { items?: unknown[]; indices?: number[] };
  arrayPatch?: { match: Record<string, unknown>; set: Record<string, unknown> };
  expectedVersion?: number;
  type?: string;
  collectionId?: string;
  updatedBy?: string;
  reason?: string;
  idempotencyKey?: string;
}

export interface UpdatePropertyResponse {
  previousValue: unknown;
  newValue: unknown;
  version: number;
  stores: { snapshot: boolean; lancedb: boolean; freeform: boolean };
}

export interface BulkUpdateOptions {
  updates: UpdatePropertyOptions[];
}

export interface DeleteMemoriesOptions extends RecordIdentifiers {
  ids?: string[];
  olderThan?: string;
  type?: string;
}

export interface DeleteResponse {
  deletedCount: number;
  hardDeleteAt: string;
}

export interface DeleteRecordOptions {
  recordId: string;
  type: string;
  reason?: string;
}

export interface CancelDeletionOptions {
  recordId: string;
  type?: string;
}

export interface CancelDeletionResponse {
  recordId: string;
  restoredCounts: Record<string, number>;
  warning?: string;
}

export interface PropertyHistoryOptions extends RecordIdentifiers {
  propertyName?: string;
  type?: string;
}

export type KeyList = { keyName: string; keyValue: string }[];

export interface UpdateKeysOptions extends RecordIdentifiers {
  type?: string;
  keys: Record<string, string> | KeyList;
}

export interface UpdateKeysResponse {
  recordId: string;
  redirectedFrom?: string;
  registered: KeyList;
  conflicts: { keyName: string; keyValue: string; existingRecordId: string }[];
  rejected?: unknown[];
}

export interface UpdateKeysBatchOptions {
  records: UpdateKeysOptions[];
}

export interface ListKeysOptions extends RecordIdentifiers {
  type?: string;
}

export interface DeleteKeysOptions extends RecordIdentifiers {
  type?: string;
  keys: Record<string, string> | KeyList;
}
