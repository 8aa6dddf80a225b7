import type {
  CollectionAction,
  CollectionsResponse,
  CreateCollectionOptions,
  ListCollectionsOptions,
  UpdateCollectionOptions,
} from "./collection-types.ts";
import { toCollectionList } from "./list-data.ts";
import type { Transport } from "./transport.ts";
import type { ApiResponse } from "./types.ts";

export interface CollectionsApi {
  /** One page; loop until `data.nextToken` is absent. */
  list(options?: ListCollectionsOptions): Promise<ApiResponse<CollectionsResponse>>;
  create(options: CreateCollectionOptions): Promise<ApiResponse<CollectionAction>>;
  update(collectionId: string, options: UpdateCollectionOptions): Promise<ApiResponse<CollectionAction>>;
  delete(collectionId: string): Promise<ApiResponse<unknown>>;
  history(collectionId: string): Promise<ApiResponse<unknown>>;
}

export function createCollectionsApi(transport: Transport): CollectionsApi {
  const path = (collectionId: string) => `/collections/${encodeURIComponent(collectionId)}`;
  return {
    list: ({ tags, ...options } = {}) =>
      transport.get(
        "/collections",
        tags === undefined ? options : { ...options, tags: tags.join(",") },
        toCollectionList,
      ),
    create: (options) => transport.post("/collections", options),
    update: (collectionId, options) => transport.patch(path(collectionId), options),
    delete: (collectionId) => transport.delete(path(collectionId)),
    history: (collectionId) => transport.get(`${path(collectionId)}/history`),
  };
}
