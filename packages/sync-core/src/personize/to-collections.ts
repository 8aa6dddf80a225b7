import type { Collection, CollectionProperty } from "../contracts/destination.ts";
import { at, text } from "./json-access.ts";

export interface CollectionPage {
  readonly collections: readonly Collection[];
  /** null: this was the last page. */
  readonly nextToken: string | null;
}

/**
 * One page of `collections.list()`. Its data is an array of flat items, an object with `actions[]`, or both at once; ids come
 * from `payload.collectionId`, then `collectionId`, then `id` (reference section 6).
 */
export function toCollectionPage(envelope: unknown): CollectionPage {
  const data = at(envelope, "data");
  const actions = at(data, "actions");
  const items = Array.isArray(actions) ? actions : Array.isArray(data) ? data : [];
  const token = at(data, "nextToken") ?? at(envelope, "nextToken");
  return {
    collections: items.flatMap(toCollection),
    nextToken: typeof token === "string" && token !== "" ? token : null,
  };
}

function toCollection(item: unknown): Collection[] {
  const payload = at(item, "payload");
  const id = text(at(payload, "collectionId")) ?? text(at(item, "collectionId")) ?? text(at(item, "id"));
  const name = text(at(payload, "collectionName")) ?? text(at(item, "collectionName")) ?? text(at(item, "name"));
  if (id === null || name === null) return [];
  const properties =
    [at(payload, "properties"), at(item, "properties"), at(at(payload, "schema"), "properties")].find(Array.isArray) ??
    [];
  return [
    {
      id,
      name,
      entityType: text(at(payload, "entityType")) ?? text(at(item, "entityType")),
      properties: properties.flatMap(toProperty),
    },
  ];
}

function toProperty(item: unknown): CollectionProperty[] {
  if (text(at(item, "status"))?.toLowerCase() === "deleted") return [];
  const names = ["systemName", "propertyName", "name"].flatMap((name) => text(at(item, name)) ?? []);
  if (names.length === 0) return [];
  return [
    {
      names: [...new Set(names)],
      appendOnly: at(item, "update") === false || at(item, "updateSemantics") === "append",
    },
  ];
}
