import type { ListData, RecordIdentifiers } from "./types.ts";

export type Tier = "basic" | "pro" | "pro_fast" | "ultra";

export interface MemorizeOptions extends RecordIdentifiers {
  content: string;
  type?: string;
  speaker?: string;
  timestamp?: string;
  tags?: string[];
  enhanced?: boolean;
  tier?: Tier;
  schema?: unknown;
  max_properties?: number;
  extractionPrompt?: string;
  actionId?: string;
  collectionNames?: string[];
  relations?: unknown[];
}

export interface MemorizeResponse {
  eventId?: string;
  recordId?: string;
  creditsCharged?: number;
  properties?: { propertyName: string; propertyValue: unknown; collectionId: string; confidence: number }[];
  memories?: unknown[];
}

export interface BatchMemorizeProperty {
  /** Key of the row that holds the value. Absent from a row, null is written without an error. */
  sourceField: string;
  collectionId?: string;
  collectionName?: string;
  /** Default false: text is kept as a property only. */
  extractMemories?: boolean;
}

/** How to read identity and values from `rows`. */
export interface BatchMemorizeMapping {
  entityType: string;
  /** Key of the row that holds the email. */
  email?: string;
  /** Key of the row that holds the website. */
  website?: string;
  /** Key of the row that holds a known record id. */
  recordId?: string;
  /** The identifier's own name, such as `sku`. */
  customKeyName?: string;
  /** Key of the row that holds its value. */
  customKey?: string;
  runName?: string;
  properties: Record<string, BatchMemorizeProperty>;
}

export interface BatchMemorizeRecord extends RecordIdentifiers {
  content?: string;
  type?: string;
  collectionId?: string;
  collectionName?: string;
  properties?: Record<string, unknown>;
  tags?: string[];
  timestamp?: string;
  speaker?: string;
  tier?: Tier;
}

export interface BatchMemorizeOptions {
  source?: string;
  mapping?: BatchMemorizeMapping;
  rows?: Record<string, unknown>[];
  records?: BatchMemorizeRecord[];
  /** Rows per processing chunk; default 1. */
  chunkSize?: number;
  dryRun?: boolean;
  tier?: Tier;
  extractionPrompt?: string;
}

/** `import` of v1.1, which renames the flag. */
export interface ImportOptions extends Omit<BatchMemorizeOptions, "mapping"> {
  mapping?: Omit<BatchMemorizeMapping, "properties"> & {
    properties: Record<string, Omit<BatchMemorizeProperty, "extractMemories"> & { extract?: boolean }>;
  };
}

/** Acceptance, not success: rows land when the event at `/events/:eventId` says so. */
export interface BatchMemorizeResponse {
  eventId?: string;
  trackingId?: string;
  memorized?: number;
  queued?: number;
  errors?: { email?: string | null; content?: string | null; message: string }[];
}

/** Any of the published generations of upsert bodies. */
export type UpsertOptions = Record<string, unknown>;

export interface UpsertResponse {
  jobId?: string;
}

export interface MemoryItem {
  id: string;
  text: string;
  createdAt: string;
  recordId: string | null;
  type: string;
  score?: number;
}

export interface RecallOptions extends RecordIdentifiers {
  query?: string;
  type?: string;
  limit?: number;
  filters?: unknown;
}

export type RecallResponse = ListData<
  MemoryItem,
  {
    memories: MemoryItem[];
    freeformMemories: MemoryItem[];
    memoryCount: number;
    freeformMemoryCount: number;
    recordId: string | null;
    type: string | null;
    systemIntro?: string;
  }
>;

export interface SmartRecallOptions extends RecordIdentifiers {
  query: string;
  type?: string;
  limit?: number;
  minScore?: number;
  mode?: "fast" | "deep";
  include_property_values?: boolean;
  generate_answer?: boolean;
  prefer_recent?: boolean;
  groupByRecord?: boolean;
  collectionIds?: string[];
}

export interface SmartRecallResult {
  text: string;
  score: number;
  recordId: string | null;
  type: string | null;
  properties: Record<string, unknown>;
}

export interface SmartRecallResponse {
  results: SmartRecallResult[];
  answer?: string;
}

export interface SmartDigestOptions extends RecordIdentifiers {
  type?: string;
  /** Default 1000. */
  token_budget?: number;
  /** Default 20. */
  max_memories?: number;
  include_properties?: boolean;
  include_memories?: boolean;
}

export interface SmartDigestResponse {
  recordId: string | null;
  type: string | null;
  properties: Record<string, unknown>;
  memories: { text: string; createdAt: string }[];
  compiledContext: string;
  tokenEstimate: number;
  tokenBudget: number;
}

export interface SearchCondition {
  property?: string;
  field?: string;
  propertyName?: string;
  operator: string;
  value?: unknown;
}

export interface SearchOptions extends RecordIdentifiers {
  type?: string;
  groups?: { logic?: "AND" | "OR"; conditions: SearchCondition[] }[];
  collectionIds?: string[];
  /** From 1. */
  page?: number;
  /** Default 50, at most 200. */
  pageSize?: number;
  countOnly?: boolean;
  returnRecords?: boolean;
  includeMemories?: boolean;
}

export interface SearchItem {
  recordId: string;
  [key: string]: unknown;
}

export type SearchResponse = ListData<
  SearchItem,
  {
    recordIds: string[];
    totalMatched: number;
    page: number;
    pageSize: number;
    totalPages: number;
    crmKeys?: Record<string, Record<string, string>>;
    mainProperties?: Record<string, unknown>;
    indexMeta?: unknown;
    records?: Record<string, Record<string, { value: unknown; collectionId: string }>>;
    memories?: Record<string, MemoryItem[]>;
  }
>;

export interface FilterByPropertyOptions {
  conditions: { propertyName: string; operator: string; value?: unknown }[];
  logic?: "AND" | "OR";
  type?: string;
  limit?: number;
  nextToken?: string;
}

export interface FilterByPropertyResponse {
  records: { recordId: string; type: string; matchedProperties: Record<string, unknown>; lastUpdatedAt: string }[];
  totalMatched: number;
  nextToken?: string;
}

export interface RetrieveOptions {
  mode?: string;
  query?: string;
  filters?: {
    crmFilter?: RecordIdentifiers & { type?: string };
    groups?: { logic?: "AND" | "OR"; conditions: SearchCondition[] }[];
    page?: number;
    pageSize?: number;
    returnRecords?: boolean;
    countOnly?: boolean;
  };
}
