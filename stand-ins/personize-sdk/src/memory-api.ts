import { toMemoryList, toSearchList } from "./list-data.ts";
import type {
  BatchMemorizeOptions,
  BatchMemorizeResponse,
  FilterByPropertyOptions,
  FilterByPropertyResponse,
  MemorizeOptions,
  MemorizeResponse,
  RecallOptions,
  RecallResponse,
  SearchOptions,
  SearchResponse,
  SmartDigestOptions,
  SmartDigestResponse,
  SmartRecallOptions,
  SmartRecallResponse,
  UpsertOptions,
  UpsertResponse,
} from "./memory-types.ts";
import { createRecordApi, type RecordApi } from "./record-api.ts";
import { sendRecordsInChunks } from "./records-form.ts";
import type { Transport } from "./transport.ts";
import type { ApiResponse } from "./types.ts";

/** `client.memory`: the v1 surface of the seed. */
export interface MemoryApi extends RecordApi {
  memorize(options: MemorizeOptions): Promise<ApiResponse<MemorizeResponse>>;
  /** One call whatever the number of rows; the `records` form is cut into calls of 500. */
  memorizeBatch(options: BatchMemorizeOptions): Promise<ApiResponse<BatchMemorizeResponse>>;
  upsert(options: UpsertOptions): Promise<ApiResponse<UpsertResponse>>;
  upsertBatch(options: UpsertOptions): Promise<ApiResponse<UpsertResponse>>;
  recall(options: RecallOptions): Promise<ApiResponse<RecallResponse>>;
  smartRecall(options: SmartRecallOptions): Promise<ApiResponse<SmartRecallResponse>>;
  smartRecallUnified(options: SmartRecallOptions): Promise<unknown>;
  smartDigest(options: SmartDigestOptions): Promise<ApiResponse<SmartDigestResponse>>;
  retrieveDigest(options: SmartDigestOptions): Promise<ApiResponse<SmartDigestResponse>>;
  search(options: SearchOptions): Promise<ApiResponse<SearchResponse>>;
  filterByProperty(options: FilterByPropertyOptions): Promise<ApiResponse<FilterByPropertyResponse>>;
}

export function createMemoryApi(transport: Transport): MemoryApi {
  const smartDigest = (options: SmartDigestOptions) =>
    transport.post<SmartDigestResponse>("/smart-memory-digest", options);
  return {
    ...createRecordApi(transport),
    memorize: (options) => transport.post("/memorize", options),
    memorizeBatch: (options) =>
      sendRecordsInChunks(options, (body) => transport.post<BatchMemorizeResponse>("/batch-memorize", body)),
    upsert: (options) => transport.post("/upsert", options),
    upsertBatch: (options) => transport.post("/upsert", options),
    recall: (options) => transport.post("/recall", options, toMemoryList),
    smartRecall: (options) => transport.post("/smart-recall", options),
    smartRecallUnified: (options) => transport.post("/smart-recall-unified", options),
    smartDigest,
    retrieveDigest: smartDigest,
    search: (options) => transport.post("/search", options, toSearchList),
    filterByProperty: (options) => transport.post("/memory/filter-by-property", options),
  };
}
