import { commonProperties, defineStock } from "./common-properties.ts";
import { companyName, money, prose } from "./generators.ts";
import type { ObjectTypeFacts } from "./object-type.ts";
import { defineProperty, type PropertyDefinition, type PropertySeed } from "./property-definition.ts";

/** A custom object to be defined. */
export interface CustomObjectSeed {
  /** Lower-case singular, such as `car`; it may be the name of a standard type. */
  readonly name: string;
  readonly labels?: { readonly singular: string; readonly plural: string };
  /** Number behind `2-`; default 4101 and upwards. */
  readonly typeNumber?: number;
  /** Beside `name`, `description` and `price`, which every custom object has. */
  readonly properties?: readonly PropertySeed[];
  /** Seeded records; default 0. */
  readonly records?: number;
}

export function toCustomFacts(
  seed: CustomObjectSeed,
  portalId: number,
  typeNumber: number,
  createdAtMs: number,
): ObjectTypeFacts {
  if (!/^[a-z][a-z0-9_]*$/.test(seed.name)) throw new RangeError(`Custom object ${seed.name} is not a lower-case name`);
  const typeId = `2-${typeNumber}`;
  const singular = seed.name.slice(0, 1).toUpperCase() + seed.name.slice(1);
  return {
    typeId,
    name: `p${portalId}_${seed.name}`,
    aliases: [typeId, `p_${seed.name}`],
    entity: `p${portalId}_${seed.name}`,
    labels: seed.labels ?? { singular, plural: `${singular}s` },
    custom: true,
    engagement: false,
    modifiedProperty: "hs_lastmodifieddate",
    createdProperty: "hs_createdate",
    defaultProperties: [],
    searchableProperties: ["name"],
    primaryDisplayProperty: "name",
    readScopes: ["crm.objects.custom.read"],
    createdAtMs,
  };
}

export function toCustomProperties(seed: CustomObjectSeed, createdAtMs: number): readonly PropertyDefinition[] {
  const group = `${seed.name}_information`;
  return [
    ...defineStock(group, commonProperties("hs_createdate", "hs_lastmodifieddate")),
    defineProperty({ name: "name", createdAtMs }, group, companyName),
    defineProperty({ name: "description", fieldType: "textarea", createdAtMs }, group, prose),
    defineProperty({ name: "price", type: "number", createdAtMs }, group, money),
    ...(seed.properties ?? []).map((property) => defineProperty({ createdAtMs, ...property }, group)),
  ];
}
