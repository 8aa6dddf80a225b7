import { ApiError } from "./api-error.ts";
import type { Collections } from "./collections.ts";
import type { Knobs } from "./knobs.ts";
import type { Target } from "./write-plan.ts";

/** One value's destination as the sender names it. */
export interface TargetRequest {
  readonly field: string;
  readonly property: string;
  readonly collectionId: string | undefined;
  readonly collectionName: string | undefined;
  readonly extract: boolean;
}

/**
 * The target of a value; undefined when it is to be dropped without a word. The collection is found by id, else by
 * name, else by who has the property; the property by its system name or display name, exactly.
 * Throws ApiError COLLECTION_NOT_FOUND unless the knob says to use a wrong bucket.
 */
export function toTarget(
  collections: Collections,
  knobs: Knobs,
  typeKey: string,
  request: TargetRequest,
): Target | undefined {
  const { field, property, collectionId, collectionName, extract } = request;
  if (collectionId === undefined && collectionName === undefined) {
    const found = collections.findProperty(typeKey, property);
    if (found === undefined) return refuseOrDrop(knobs, property, "any collection");
    const { systemName, update } = found.property;
    return { field, property: systemName, collectionId: found.collection.collectionId, appendOnly: !update, extract };
  }
  const collection =
    collectionId === undefined ? collections.byName(collectionName ?? "") : collections.byId(collectionId);
  if (collection === undefined) {
    const named = collectionId ?? collectionName ?? "";
    if (knobs.unknownCollection === "wrong-bucket") {
      return { field, property, collectionId: named, appendOnly: false, extract };
    }
    throw new ApiError(400, "COLLECTION_NOT_FOUND", `Collection ${named} does not exist`, {
      details: [{ field: `mapping.properties.${property}`, message: "unknown collection" }],
    });
  }
  const definition = collection.propertiesByName.get(property);
  if (definition === undefined) return refuseOrDrop(knobs, property, collection.collectionName);
  return {
    field,
    property: definition.systemName,
    collectionId: collection.collectionId,
    appendOnly: !definition.update,
    extract,
  };
}

function refuseOrDrop(knobs: Knobs, property: string, where: string): undefined {
  if (knobs.unknownProperty === "drop") return undefined;
  throw new ApiError(400, "validation_error", `Property ${property} does not exist in ${where}`, {
    details: [{ field: `mapping.properties.${property}`, message: "unknown property" }],
  });
}
