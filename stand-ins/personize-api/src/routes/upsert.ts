import { type Fields, isFields, objectField, textField } from "@acme/stand-in-kit";
import { accept } from "../accept.ts";
import { ApiError } from "../api-error.ts";
import type { Call, Handler } from "../call.ts";
import { type Item, type ItemValue, toItemPart } from "../item.ts";
import { hasIdentifier, toIdentifiers } from "../records.ts";
import { toReply } from "../reply.ts";

/**
 * Upsert in all five generations of section 8 of the reference: legacy single (`matchKeys`), legacy batch (`memories`),
 * `records`, one flat record or `items`, and v1.1 `type` + `items[{matchKeys}]`. Eventually consistent: answers a job.
 */
export const upsert: Handler = (call) => {
  const { organization, world, body } = call;
  const items = toItems(call, body);
  const parts = items.map((item, index) => {
    if (!hasIdentifier(item.identifiers)) {
      throw new ApiError(400, "MISSING_IDENTIFIER", "missing required identifier", {
        details: [{ field: `items[${index}]`, message: "no identifier" }],
      });
    }
    return toItemPart(organization.collections, { ...world.knobs, unknownProperty: "error" }, item, index, {
      creditsPerRow: world.knobs.creditsPerUpsert,
      chargeAlways: true,
    });
  });
  const source = textField(body, "source");
  const event = accept(call, { type: "upsert", parts, rowCount: parts.length, source });
  return toReply({ jobId: event.eventId, queued: parts.length }, world.knobs.acceptedStatus);
};

function toItems(call: Call, body: Fields): readonly Item[] {
  const type = textField(body, "type");
  if (Array.isArray(body["memories"])) return [toMemoriesItem(body, body["memories"])];
  if (Array.isArray(body["records"])) {
    return body["records"].map((record, index) => toItem(requireObject(record, `records[${index}]`), type, "lax"));
  }
  if (Array.isArray(body["items"])) {
    return body["items"].map((item, index) => toItem(requireObject(item, `items[${index}]`), type, "strict"));
  }
  if (objectField(body, "properties") === undefined) {
    throw new ApiError(400, "MISSING_PARAMS", "properties, items, records or memories is required");
  }
  // Legacy v1 took any value inside {value}; with a flat record, values are texts or {value, collectionName}.
  const legacy = call.surface === "v1" && objectField(body, "matchKeys") !== undefined;
  return [toItem(body, type, legacy ? "lax" : "strict")];
}

function toItem(record: Fields, outerType: string | undefined, rules: "strict" | "lax"): Item {
  const keys = objectField(record, "matchKeys") ?? record;
  const collectionId = textField(record, "collectionId");
  const collectionName = textField(record, "collectionName");
  const values = Object.entries(objectField(record, "properties") ?? {}).map(([name, entry]): ItemValue => {
    const wrapped = isFields(entry) && "value" in entry;
    if (rules === "strict" && !wrapped && typeof entry !== "string") {
      throw invalid(name, "values must be texts or {value, collectionName}");
    }
    const ownId = wrapped ? textField(entry, "collectionId") : undefined;
    const ownName = wrapped ? textField(entry, "collectionName") : undefined;
    const named = ownId !== undefined || ownName !== undefined;
    if (rules === "strict" && !named && collectionId === undefined && collectionName === undefined) {
      throw invalid(name, "a collection must be named");
    }
    return {
      name,
      value: wrapped ? entry["value"] : entry,
      collectionId: named ? ownId : collectionId,
      collectionName: named ? ownName : collectionName,
      extract: false,
    };
  });
  return {
    type: textField(record, "type") ?? outerType,
    identifiers: toIdentifiers(keys),
    content: undefined,
    contentCollectionId: undefined,
    values,
  };
}

function toMemoriesItem(body: Fields, memories: readonly unknown[]): Item {
  return {
    type: textField(body, "type"),
    identifiers: toIdentifiers(body),
    content: undefined,
    contentCollectionId: undefined,
    values: memories.map((entry, index): ItemValue => {
      const memory = requireObject(entry, `memories[${index}]`);
      const name = textField(memory, "memoryName");
      if (name === undefined) throw invalid(`memories[${index}].memoryName`, "is required");
      return {
        name,
        value: memory["result"],
        collectionId: textField(memory, "collectionId"),
        collectionName: textField(memory, "collection"),
        extract: false,
      };
    }),
  };
}

function requireObject(value: unknown, field: string): Fields {
  if (!isFields(value)) throw invalid(field, "must be an object");
  return value;
}

function invalid(field: string, message: string): ApiError {
  return new ApiError(400, "validation_error", `${field}: ${message}`, { details: [{ field, message }] });
}
