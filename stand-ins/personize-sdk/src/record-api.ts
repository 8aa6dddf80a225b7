import type {
  BulkUpdateOptions,
  CancelDeletionOptions,
  CancelDeletionResponse,
  DeleteKeysOptions,
  DeleteMemoriesOptions,
  DeleteRecordOptions,
  DeleteResponse,
  ListKeysOptions,
  PropertiesOptions,
  PropertiesResponse,
  PropertyHistoryOptions,
  UpdateKeysBatchOptions,
  UpdateKeysOptions,
  UpdateKeysResponse,
  UpdatePropertyOptions,
  UpdatePropertyResponse,
} from "./record-types.ts";
import type { Transport } from "./transport.ts";
import type { ApiResponse } from "./types.ts";

/** What can be done to one record by hand. */
export interface RecordApi {
  properties(options: PropertiesOptions): Promise<ApiResponse<PropertiesResponse>>;
  update(options: UpdatePropertyOptions): Promise<ApiResponse<UpdatePropertyResponse>>;
  bulkUpdate(options: BulkUpdateOptions): Promise<ApiResponse<unknown>>;
  delete(options: DeleteMemoriesOptions): Promise<ApiResponse<DeleteResponse>>;
  deleteRecord(options: DeleteRecordOptions): Promise<ApiResponse<DeleteResponse>>;
  cancelDeletion(options: CancelDeletionOptions): Promise<ApiResponse<CancelDeletionResponse>>;
  propertyHistory(options: PropertyHistoryOptions): Promise<ApiResponse<unknown>>;
  updateKeys(options: UpdateKeysOptions): Promise<ApiResponse<UpdateKeysResponse>>;
  updateKeysBatch(options: UpdateKeysBatchOptions): Promise<ApiResponse<unknown>>;
  listKeys(options: ListKeysOptions): Promise<ApiResponse<unknown>>;
  deleteKeys(options: DeleteKeysOptions): Promise<ApiResponse<unknown>>;
}

export function createRecordApi(transport: Transport): RecordApi {
  return {
    properties: (options) => transport.post("/memory/properties", options),
    update: (options) => transport.post("/memory/update", options),
    bulkUpdate: (options) => transport.post("/memory/bulk-update", options),
    delete: (options) => transport.post("/memory/delete", options),
    deleteRecord: (options) => transport.post("/memory/delete-record", options),
    cancelDeletion: (options) => transport.post("/memory/cancel-deletion", options),
    propertyHistory: (options) => transport.post("/memory/property-history", options),
    updateKeys: (options) => transport.post("/memory/update-keys", options),
    updateKeysBatch: (options) => transport.post("/memory/update-keys-batch", options),
    listKeys: (options) => transport.post("/memory/list-keys", options),
    deleteKeys: (options) => transport.post("/memory/delete-keys", options),
  };
}
