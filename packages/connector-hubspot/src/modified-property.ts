import { ConfigError } from "@acme/sync-core";
import type { ObjectType } from "./object-types.ts";
import type { HubspotRecord, PropertyDefinition } from "./responses.ts";
import { toMs } from "./values.ts";

/** Contacts define both names, move only the first, and answer a search on the second with nothing; other objects know the second. */
const CONTACTS_FIRST = ["lastmodifieddate", "hs_lastmodifieddate"] as const;
const OTHERS_FIRST = ["hs_lastmodifieddate", "lastmodifieddate"] as const;
const CONTACTS_ID = "0-1";

/** Names to ask a sample for. */
export const modifiedNames: readonly string[] = OTHERS_FIRST;

/**
 * The property that moves whenever a record changes: looked for in the schema, and held against records, whose `updatedAt` it
 * should equal. Pure.
 * @param configured null: find it.
 * @param sample records as a list shows them; empty: there are none to hold it against.
 * @throws ConfigError when there is none, or when the configured one does not move with the records and another does.
 */
export function findModifiedProperty(
  object: ObjectType,
  configured: string | null,
  definitions: readonly PropertyDefinition[],
  sample: readonly HubspotRecord[],
): string {
  const times = definitions.filter((definition) => definition.type === "datetime").map((definition) => definition.name);
  const [best] = namesOf(object)
    .filter((name) => times.includes(name) && isFilled(name, sample))
    .toSorted((left, right) => countFitting(right, sample) - countFitting(left, sample));
  if (configured === null) {
    if (best !== undefined) return best;
    throw new ConfigError(`${object.name} has no property that shows when a record changed last`, {
      hint: "Set modifiedProperty to the property that moves whenever a record changes.",
    });
  }
  const instead = best === undefined ? "" : ` Found in its schema: ${best}.`;
  const hint = `Leave modifiedProperty out: it is then found.${instead}`;
  if (!definitions.some((definition) => definition.name === configured)) {
    throw new ConfigError(`modifiedProperty: ${object.name} has no property ${configured}`, { hint });
  }
  if (!times.includes(configured)) {
    throw new ConfigError(`modifiedProperty: ${configured} of ${object.name} is no datetime`, { hint });
  }
  const isBeaten = best !== undefined && countFitting(best, sample) > countFitting(configured, sample);
  if (isBeaten || !isFilled(configured, sample)) {
    throw new ConfigError(`modifiedProperty: ${configured} does not move whenever one of ${object.name} changes`, {
      hint,
    });
  }
  return configured;
}

function namesOf(object: ObjectType): readonly string[] {
  return object.id === CONTACTS_ID ? CONTACTS_FIRST : OTHERS_FIRST;
}

function isFilled(name: string, sample: readonly HubspotRecord[]): boolean {
  return sample.length === 0 || sample.some((record) => (record.properties[name] ?? "") !== "");
}

/** Records whose time of the last change the property shows to the millisecond. */
function countFitting(name: string, sample: readonly HubspotRecord[]): number {
  return sample.filter((record) => {
    const value = record.properties[name];
    return value != null && record.updatedAt != null && toMs(value) === toMs(record.updatedAt);
  }).length;
}

/** When a record changed last, in milliseconds; null: it does not say. */
export function modifiedMs(record: HubspotRecord, property: string): number | null {
  const value = record.properties[property];
  const own = value == null || value === "" ? null : toMs(value);
  return own ?? (record.updatedAt == null ? null : toMs(record.updatedAt));
}
