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

const NOT_FOUND_HINT =
  "Set modifiedProperty to the property that moves whenever a record changes, or ask HubSpot's support.";

/**
 * The property that moves whenever a record changes: looked for in the schema, and held against a record, whose `updatedAt` it
 * must equal. Pure.
 * @param configured null: find it.
 * @param sample records as a list shows them; empty: there are none to hold it against.
 * @throws ConfigError when there is none, or the configured one is not it.
 */
export function findModifiedProperty(
  object: ObjectType,
  configured: string | null,
  definitions: readonly PropertyDefinition[],
  sample: readonly HubspotRecord[],
): string {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const candidates = (configured === null ? namesOf(object) : [configured]).filter(
    (name) => byName.get(name)?.type === "datetime",
  );
  if (configured !== null && candidates.length === 0) {
    const times = definitions
      .filter((definition) => definition.type === "datetime")
      .map((definition) => definition.name);
    throw new ConfigError(
      byName.has(configured)
        ? `modifiedProperty: ${configured} of ${object.name} is no datetime`
        : `modifiedProperty: ${object.name} has no property ${configured}`,
      { hint: `Leave it out, or use one of ${times.slice(0, 12).join(", ") || "its datetime properties"}.` },
    );
  }
  const fitting = candidates.filter((name) => sample.every((record) => fits(record, name)));
  const [found] = fitting;
  if (found !== undefined) return found;
  throw new ConfigError(
    configured === null
      ? `${object.name} has no property that equals the time of the last change`
      : `modifiedProperty: ${configured} of ${object.name} does not equal the time of the last change that HubSpot shows for its records`,
    { hint: configured === null ? NOT_FOUND_HINT : "Leave modifiedProperty out: it is then found in the schema." },
  );
}

function namesOf(object: ObjectType): readonly string[] {
  return object.id === CONTACTS_ID ? CONTACTS_FIRST : OTHERS_FIRST;
}

/** A record without either time says nothing. */
function fits(record: HubspotRecord, name: string): boolean {
  const updatedMs = record.updatedAt == null ? null : toMs(record.updatedAt);
  const value = record.properties[name];
  if (updatedMs === null) return true;
  return value != null && toMs(value) === updatedMs;
}

/** When a record changed last, in milliseconds; null: it does not say. */
export function modifiedMs(record: HubspotRecord, property: string): number | null {
  const value = record.properties[property];
  const own = value == null || value === "" ? null : toMs(value);
  return own ?? (record.updatedAt == null ? null : toMs(record.updatedAt));
}
