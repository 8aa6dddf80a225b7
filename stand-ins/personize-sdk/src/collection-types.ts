import type { ListData } from "./types.ts";

export interface PropertyDefinition {
  propertyName: string;
  propertyId?: string;
  systemName?: string;
  type?: "text" | "date" | "options" | "number" | "boolean" | "array";
  options?: string | string[];
  description?: string;
  autoSystem?: boolean;
  update?: boolean;
  updateSemantics?: "replace" | "append";
  tags?: string[];
  status?: "Active" | "Deleted";
}

export interface CollectionPayload {
  collectionId: string;
  collectionName: string;
  slug?: string;
  entityType?: string;
  description?: string;
  properties?: PropertyDefinition[];
}

export interface CollectionAction {
  id: string;
  type: string;
  payload: CollectionPayload;
}

/** The flat form that callers of 0.6 to 0.18 read straight from `data[]`. */
export interface CollectionItem extends CollectionPayload {
  id: string;
  name: string;
}

export type CollectionsResponse = ListData<
  CollectionItem,
  { actions: CollectionAction[]; count: number; nextToken?: string }
>;

export interface ListCollectionsOptions {
  limit?: number;
  nextToken?: string;
  tags?: string[];
  summary?: boolean;
}

/** REST form (`collectionName`) or app form (`name`, `slug`, …). */
export interface CreateCollectionOptions {
  collectionName?: string;
  definition?: string;
  entityType?: string;
  name?: string;
  slug?: string;
  description?: string;
  icon?: string;
  color?: string;
  primaryKeyField?: string;
  properties: PropertyDefinition[];
}

export interface UpdateCollectionOptions {
  collectionName?: string;
  definition?: string;
  name?: string;
  description?: string;
  properties?: PropertyDefinition[];
}
