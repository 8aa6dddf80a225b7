import { toSearchList } from "./list-data.ts";
import type {
  BatchMemorizeOptions,
  BatchMemorizeResponse,
  FilterByPropertyOptions,
  FilterByPropertyResponse,
  ImportOptions,
  MemorizeOptions,
  MemorizeResponse,
  RetrieveOptions,
  SearchOptions,
  SearchResponse,
  SmartDigestOptions,
  SmartDigestResponse,
  UpsertOptions,
  UpsertResponse,
} from "./memory-types.ts";
import type {
  BulkUpdateOptions,
  CancelDeletionOptions,
  CancelDeletionResponse,
  DeleteMemoriesOptions,
  DeleteRecordOptions,
  DeleteResponse,
  PropertiesOptions,
  PropertiesResponse,
  UpdatePropertyOptions,
  UpdatePropertyResponse,
} from "./record-types.ts";
import type { Transport } from "./transport.ts";
import type { ApiResponse } from "./types.ts";

export interface SaveOptions extends Omit<MemorizeOptions, "enhanced"> {
  shape?: "shortform" | "document" | "freeform";
}

/** `client.v1_1.memory`. */
export interface MemoryV11Api {
  save(options: SaveOptions): Promise<ApiResponse<MemorizeResponse>>;
  saveBatch(options: BatchMemorizeOptions): Promise<ApiResponse<BatchMemorizeResponse>>;
  import(options: ImportOptions): Promise<ApiResponse<BatchMemorizeResponse>>;
  upsert(options: UpsertOptions): Promise<ApiResponse<UpsertResponse>>;
  retrieve(options: RetrieveOptions): Promise<ApiResponse<unknown>>;
  smartDigest(options: SmartDigestOptions): Promise<ApiResponse<SmartDigestResponse>>;
  retrieveDigest(options: SmartDigestOptions): Promise<ApiResponse<SmartDigestResponse>>;
  search(options: SearchOptions): Promise<ApiResponse<SearchResponse>>;
  properties(options: PropertiesOptions): Promise<ApiResponse<PropertiesResponse>>;
  filterByProperty(options: FilterByPropertyOptions): Promise<ApiResponse<FilterByPropertyResponse>>;
  update(options: UpdatePropertyOptions): Promise<ApiResponse<UpdatePropertyResponse>>;
  bulkUpdate(options: BulkUpdateOptions): Promise<ApiResponse<unknown>>;
  delete(options: DeleteMemoriesOptions): Promise<ApiResponse<DeleteResponse>>;
  deleteRecord(options: DeleteRecordOptions): Promise<ApiResponse<DeleteResponse>>;
  cancelDeletion(options: CancelDeletionOptions): Promise<ApiResponse<CancelDeletionResponse>>;
  propertyHistory(recordId: string, propertyName?: string): Promise<ApiResponse<unknown>>;
  manage: { get(recordId: string): Promise<ApiResponse<unknown>> };
}

export function createMemoryV11Api(transport: Transport): MemoryV11Api {
  const path = (recordId: string) => `/memory/manage/${encodeURIComponent(recordId)}`;
  const digest = (options: SmartDigestOptions) => transport.post<SmartDigestResponse>("/memory/digest", options);
  return {
    save: (options) => transport.post("/memory/save", options),
    saveBatch: (options) => transport.post("/memory/save/batch", options),
    import: (options) => transport.post("/memory/import", options),
    upsert: (options) => transport.post("/memory/upsert", options),
    retrieve: (options) => transport.post("/memory/retrieve", options),
    smartDigest: digest,
    retrieveDigest: (options) => transport.post("/memory/retrieve/digest", options),
    search: (options) => transport.post("/memory/search", options, toSearchList),
    properties: (options) => transport.post("/memory/manage/properties", options),
    filterByProperty: (options) => transport.post("/memory/filter-by-property", options),
    update: ({ recordId, ...change }) => transport.patch(path(recordId), change),
    bulkUpdate: (options) => transport.patch("/memory/manage", options),
    delete: (options) => transport.delete("/memory/manage", options),
    deleteRecord: ({ recordId, ...options }) => transport.delete(path(recordId), options),
    cancelDeletion: (options) => transport.post("/memory/manage/cancel-deletion", options),
    propertyHistory: (recordId, propertyName) =>
      transport.get(`${path(recordId)}/history`, propertyName === undefined ? {} : { propertyName }),
    manage: { get: (recordId) => transport.get(path(recordId)) },
  };
}
