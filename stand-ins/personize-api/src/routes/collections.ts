import { type Fields, isFields, listField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import type { Call, Handler } from "../call.ts";
import type { Collection, PropertySeed, PropertyType } from "../collection.ts";
import { toReply } from "../reply.ts";
import { toIso } from "../to-iso.ts";

const TYPES: readonly PropertyType[] = ["text", "date", "options", "number", "boolean", "array"];

/** GET /collections: one page, by name. `nextToken` is absent on the last one. */
export const listCollections: Handler = (call) => {
  const { knobs } = call.world;
  const asked = Number(call.query.get("limit") ?? knobs.collectionsPageSize) || knobs.collectionsPageSize;
  const limit = Math.min(Math.max(1, asked), knobs.collectionsMaxPageSize);
  const token = call.query.get("nextToken");
  const after = token === null ? "" : readToken(token);
  const tags = (call.query.get("tags") ?? "").split(",").filter((tag) => tag !== "");
  const rest = call.organization.collections
    .list()
    .filter((collection) => collection.collectionName > after)
    .filter((collection) => tags.every((tag) => collection.tags.includes(tag)));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const summary = call.query.get("summary") === "true";
  return toReply({
    actions: page.map((collection) => toAction(collection, summary)),
    count: page.length,
    ...(rest.length > page.length && last !== undefined ? { nextToken: toToken(last.collectionName) } : {}),
  });
};

/** POST /collections, in the REST form or the app form. */
export const createCollection: Handler = (call) => {
  const name = textField(call.body, "collectionName", "name");
  if (name === undefined) throw new ApiError(400, "MISSING_PARAMS", "collectionName (or name) is required");
  if (call.organization.collections.byName(name) !== undefined) {
    throw new ApiError(409, "CONFLICT", `A collection named ${name} exists`);
  }
  const slug = textField(call.body, "slug");
  const collection = call.organization.collections.put(
    {
      collectionName: name,
      entityType: textField(call.body, "entityType") ?? slug ?? name.toLowerCase(),
      description: textField(call.body, "definition", "description") ?? "",
      ...(slug === undefined ? {} : { slug }),
      properties: listField(call.body, "properties").filter(isFields).map(toPropertySeed),
    },
    call.nowMs,
  );
  changed(call);
  return toReply(toAction(collection, false), 201);
};

/** PATCH /collections/:id: name, description, and properties (added, or replaced by system name). */
export const updateCollection: Handler = (call) => {
  const former = requireCollection(call);
  const properties = new Map<string, PropertySeed>(
    former.properties.map((property) => [property.systemName, property]),
  );
  for (const seed of listField(call.body, "properties").filter(isFields).map(toPropertySeed)) {
    properties.set(seed.systemName ?? seed.propertyName.toLowerCase().replace(/[^a-z0-9]+/g, "_"), seed);
  }
  const collection = call.organization.collections.put(
    {
      ...former,
      collectionName: textField(call.body, "collectionName", "name") ?? former.collectionName,
      description: textField(call.body, "definition", "description") ?? former.description,
      properties: [...properties.values()],
    },
    call.nowMs,
  );
  changed(call);
  return toReply(toAction(collection, false));
};

/** DELETE /collections/:id */
export const deleteCollection: Handler = (call) => {
  const collection = requireCollection(call);
  call.organization.collections.delete(collection, call.nowMs);
  changed(call);
  return toReply({ collectionId: collection.collectionId, deleted: true });
};

/** GET /collections/:id/history */
export const readCollectionHistory: Handler = (call) => {
  const id = call.organization.collections.byAnyId(call.params["id"] ?? "")?.collectionId ?? call.params["id"] ?? "";
  const changes = call.organization.collections.changes(id);
  if (changes.length === 0) throw new ApiError(404, "not_found_error", "Collection not found");
  return toReply({
    history: changes.map(({ timeMs, action, collectionName }) => ({ action, collectionName, at: toIso(timeMs) })),
  });
};

function toAction(collection: Collection, summary: boolean) {
  const { collectionId, actionId, collectionName, slug, entityType, description, tags, properties } = collection;
  const payload = { collectionId, collectionName, slug, entityType, description, tags };
  return {
    id: actionId,
    type: "collection",
    payload: summary ? { ...payload, propertyCount: properties.length } : { ...payload, properties },
  };
}

function toPropertySeed(fields: Fields): PropertySeed {
  const propertyName = textField(fields, "propertyName", "name");
  if (propertyName === undefined) throw new ApiError(400, "MISSING_PARAMS", "propertyName is required");
  const systemName = textField(fields, "systemName");
  const type = TYPES.find((candidate) => candidate === fields["type"]);
  const { update, description } = fields;
  const semantics = fields["updateSemantics"];
  return {
    propertyName,
    ...(systemName === undefined ? {} : { systemName }),
    ...(type === undefined ? {} : { type }),
    ...(typeof update === "boolean" ? { update } : {}),
    ...(semantics === "append" || semantics === "replace" ? { updateSemantics: semantics } : {}),
    ...(typeof description === "string" ? { description } : {}),
    ...(fields["status"] === "Deleted" ? { status: "Deleted" } : {}),
  };
}

function requireCollection(call: Call): Collection {
  const collection = call.organization.collections.byAnyId(call.params["id"] ?? "");
  if (collection === undefined) throw new ApiError(404, "not_found_error", "Collection not found");
  return collection;
}

function changed(call: Call): void {
  call.applied = true;
  call.world.changed = true;
}

function toToken(name: string): string {
  return Buffer.from(name, "utf8").toString("base64url");
}

function readToken(token: string): string {
  return Buffer.from(token, "base64url").toString("utf8");
}
