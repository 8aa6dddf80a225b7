import { createHash } from "node:crypto";

export type PropertyType = "text" | "date" | "options" | "number" | "boolean" | "array";

/** One property of a collection, as documented. `update: false` (or `updateSemantics: "append"`) makes it append-only. */
export interface PropertyDefinition {
  readonly propertyId: string;
  readonly propertyName: string;
  readonly systemName: string;
  readonly type: PropertyType;
  readonly update: boolean;
  readonly updateSemantics: "replace" | "append";
  readonly status: "Active" | "Deleted";
  readonly description?: string;
  readonly options?: string | readonly string[];
  readonly autoSystem?: boolean;
  readonly tags?: readonly string[];
}

/** What a seed or a create call has to say about a property. */
export interface PropertySeed {
  readonly propertyName: string;
  readonly systemName?: string;
  readonly type?: PropertyType;
  readonly update?: boolean;
  readonly updateSemantics?: "replace" | "append";
  readonly description?: string;
  readonly options?: string | readonly string[];
  readonly autoSystem?: boolean;
  readonly tags?: readonly string[];
  readonly status?: "Active" | "Deleted";
}

export interface CollectionSeed {
  readonly collectionId?: string;
  readonly collectionName: string;
  readonly entityType: string;
  readonly slug?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly properties: readonly PropertySeed[];
}

export interface Collection {
  readonly collectionId: string;
  /** Id of the entry in `actions[]`; unlike `collectionId`, on purpose. */
  readonly actionId: string;
  readonly collectionName: string;
  readonly slug: string;
  readonly entityType: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly properties: readonly PropertyDefinition[];
  /** Properties by system name and by display name. */
  readonly propertiesByName: ReadonlyMap<string, PropertyDefinition>;
}

/** A whole collection from its seed; ids that are not given follow from organization and name. */
export function toCollection(organizationId: string, seed: CollectionSeed): Collection {
  const collectionId = seed.collectionId ?? toUuid(`${organizationId}|${seed.collectionName}`);
  const properties = seed.properties.map((property) => toProperty(collectionId, property));
  const propertiesByName = new Map<string, PropertyDefinition>();
  for (const property of properties) {
    if (property.status === "Deleted") continue;
    propertiesByName.set(property.propertyName, property);
  }
  for (const property of properties) {
    if (property.status === "Active") propertiesByName.set(property.systemName, property);
  }
  return {
    collectionId,
    actionId: `act_${toUuid(`action|${collectionId}`).replaceAll("-", "").slice(0, 20)}`,
    collectionName: seed.collectionName,
    slug: seed.slug ?? toSlug(seed.collectionName),
    entityType: seed.entityType,
    description: seed.description ?? "",
    tags: seed.tags ?? [],
    properties,
    propertiesByName,
  };
}

function toProperty(collectionId: string, seed: PropertySeed): PropertyDefinition {
  const systemName = seed.systemName ?? toSystemName(seed.propertyName);
  const appendOnly = seed.update === false || seed.updateSemantics === "append";
  return {
    propertyId: `prop_${toUuid(`${collectionId}|${systemName}`).slice(0, 8)}`,
    propertyName: seed.propertyName,
    systemName,
    type: seed.type ?? "text",
    update: !appendOnly,
    updateSemantics: appendOnly ? "append" : "replace",
    status: seed.status ?? "Active",
    ...(seed.description === undefined ? {} : { description: seed.description }),
    ...(seed.options === undefined ? {} : { options: seed.options }),
    ...(seed.autoSystem === undefined ? {} : { autoSystem: seed.autoSystem }),
    ...(seed.tags === undefined ? {} : { tags: seed.tags }),
  };
}

function toSystemName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
}

function toSlug(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
}

/** A UUID that depends on nothing but `text`. */
export function toUuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
