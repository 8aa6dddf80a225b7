import type { IdentityValue } from "../contracts/destination.ts";
import type { Json } from "../contracts/json.ts";
import type { Batch } from "../contracts/line.ts";
import type { Mapping } from "../contracts/mapping.ts";

export interface BatchRequest {
  readonly source: string;
  readonly mapping: BatchRequestMapping;
  readonly rows: Record<string, Json>[];
  readonly chunkSize: number;
}

export interface BatchRequestMapping {
  entityType: string;
  email?: string;
  website?: string;
  recordId?: string;
  customKeyName?: string;
  customKey?: string;
  runName: string;
  properties: Record<
    string,
    { sourceField: string; collectionId: string; collectionName: string; extractMemories: boolean }
  >;
}

export interface SearchRequest {
  type: string;
  email?: string;
  websiteUrl?: string;
  recordId?: string;
  customKeyName?: string;
  customKeyValue?: string;
  page: number;
  pageSize: number;
  returnRecords: boolean;
}

export interface DigestRequest {
  type: string;
  email?: string;
  website_url?: string;
  record_id?: string;
  customKeyName?: string;
  customKeyValue?: string;
  include_properties: boolean;
  include_memories: boolean;
  max_memories: number;
}

export interface MemorizeItem {
  readonly content: string;
  readonly entityType: string;
  readonly email?: string;
  readonly website?: string;
  readonly recordId?: string;
  readonly customKeyName?: string;
  readonly customKey?: string;
}

export interface MemorizeRequest {
  content: string;
  type: string;
  email?: string;
  website_url?: string;
  record_id?: string;
  customKeyName?: string;
  customKeyValue?: string;
}

export interface DeleteRequest {
  recordId: string;
  type: string;
  reason: string;
}

/** `memorizeBatch` in its raw form. Collection ids and names go together, as the vendor's own example has them. */
export function toBatchRequest(
  batch: Batch,
  mapping: Mapping,
  settings: { readonly source: string; readonly chunkSize: number },
): BatchRequest {
  const properties: BatchRequestMapping["properties"] = {};
  for (const { name, field, collectionId, collectionName, extract } of batch.properties) {
    properties[name] = { sourceField: field, collectionId, collectionName, extractMemories: extract };
  }
  const request: BatchRequestMapping = { entityType: mapping.entityType, runName: mapping.runName, properties };
  for (const key of [mapping.identity, mapping.secondaryKey]) {
    if (key === null) continue;
    request[key.kind] = key.sourceField;
    if (key.keyName !== null) request.customKeyName = key.keyName;
  }
  return {
    source: settings.source,
    mapping: request,
    rows: batch.rows.map((row) => row.values),
    chunkSize: settings.chunkSize,
  };
}

/** Exactly one record, with its properties. Entity types are compared without case by the service. */
export function toSearchRequest(identity: IdentityValue): SearchRequest {
  return {
    type: identity.entityType,
    page: 1,
    pageSize: 1,
    returnRecords: true,
    ...byKind(identity, { email: "email", website: "websiteUrl", recordId: "recordId" }),
  };
}

export function toDigestRequest(identity: IdentityValue): DigestRequest {
  return {
    type: identity.entityType,
    include_properties: false,
    include_memories: true,
    max_memories: 20,
    ...byKind(identity, { email: "email", website: "website_url", recordId: "record_id" }),
  };
}

export function toMemorizeRequest(item: MemorizeItem): MemorizeRequest {
  return {
    content: item.content,
    type: item.entityType,
    ...(item.email === undefined ? {} : { email: item.email }),
    ...(item.website === undefined ? {} : { website_url: item.website }),
    ...(item.recordId === undefined ? {} : { record_id: item.recordId }),
    ...(item.customKeyName === undefined ? {} : { customKeyName: item.customKeyName }),
    ...(item.customKey === undefined ? {} : { customKeyValue: item.customKey }),
  };
}

/** Soft: restorable for 30 days. */
export function toDeleteRequest(recordId: string, entityType: string, reason: string): DeleteRequest {
  return { recordId, type: entityType, reason };
}

function byKind(
  identity: IdentityValue,
  names: Record<"email" | "website" | "recordId", string>,
): Record<string, string> {
  if (identity.kind === "customKey") return { customKeyName: identity.keyName ?? "", customKeyValue: identity.value };
  return { [names[identity.kind]]: identity.value };
}
