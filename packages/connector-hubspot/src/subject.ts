import type { Field, Json, Row, Stream } from "@acme/sync-core";
import {
  associationFields,
  type Links,
  NO_LINKS,
  parseAssociationField,
  readLinks,
  toLinksValue,
} from "./associations.ts";
import type { HubspotClient } from "./hubspot-client.ts";
import { MERGED_IDS, MERGED_VIDS, mergedAway } from "./merges.ts";
import type { ObjectType } from "./object-types.ts";
import { callLimits } from "./paths.ts";
import { goneProperty, type Presence } from "./presence.ts";
import { readRecords } from "./read-records.ts";
import type { HubspotRecord } from "./responses.ts";
import { type PropertyField, toValue } from "./values.ts";

/** An object as it was found in the account. */
export interface Description {
  readonly type: ObjectType;
  readonly modifiedProperty: string;
  /** All properties that are offered, by name. */
  readonly properties: ReadonlyMap<string, PropertyField>;
  /** Names of all properties that exist, offered or not. */
  readonly existing: ReadonlySet<string>;
  readonly associations: readonly string[];
  readonly estimatedRows: number | null;
}

export const KEY = "hs_object_id";

/** What one stream reads of an object: worked out once, used for every page. */
export interface Subject {
  readonly type: ObjectType;
  readonly modifiedProperty: string;
  /** Names to ask HubSpot for: the fields, and what reading itself needs. */
  readonly requested: readonly string[];
  readonly hasMergeProperties: boolean;
  /** Whether the names fit into the address of a list. */
  readonly fitsAddress: boolean;
  readonly hasAssociations: boolean;
  readonly hasCalculated: boolean;
  readonly fieldNames: readonly string[];
  /** About what a row takes, in bytes, before the first was seen. */
  readonly expectedRowBytes: number;
  toRows(records: Iterable<HubspotRecord>, signal: AbortSignal): Promise<readonly SizedRow[]>;
  /** Rows of records by id, and markers for ids that are gone. `withMerged`: also for what was merged into the records. */
  readRows(ids: readonly string[], withMerged: boolean, signal: AbortSignal): Promise<readonly SizedRow[]>;
}

export interface SizedRow {
  readonly row: Row;
  readonly bytes: number;
}

/** @throws ConfigError when a field of the stream does not exist (any more). */
export function toSubject(
  client: HubspotClient,
  { type, modifiedProperty, properties, existing }: Description,
  stream: Stream,
  presence: Presence,
): Subject {
  const links = stream.fields.flatMap(({ name }) => {
    const parsed = parseAssociationField(name);
    return parsed === null ? [] : [{ name, ...parsed }];
  });
  const objects = [...new Set(links.map((link) => link.object))];
  const fields = stream.fields
    .filter(({ name }) => parseAssociationField(name) === null)
    .map((field) => find(field, type, properties));
  const mergeProperties = [MERGED_IDS, MERGED_VIDS].filter((name) => existing.has(name));
  const requested = [...new Set([...fields.map((field) => field.name), KEY, modifiedProperty, ...mergeProperties])];

  const toRow = (record: HubspotRecord, linksOf: ReadonlyMap<string, ReadonlyMap<string, Links>>): SizedRow => {
    const values: Record<string, Json> = {};
    let bytes = 32;
    for (const { name, type: fieldType, isText } of fields) {
      // A property that is defined and has no value may be left out of an answer.
      const value = name === KEY ? record.id : toValue(record.properties[name] ?? null, fieldType, isText);
      values[name] = value;
      bytes += name.length + (typeof value === "string" ? value.length : 4) + 6;
    }
    for (const { name, object, isLabels } of links) {
      const value = toLinksValue(linksOf.get(object)?.get(record.id) ?? NO_LINKS, isLabels);
      values[name] = value;
      bytes += name.length + JSON.stringify(value).length + 6;
    }
    return { row: { key: record.id, fields: values }, bytes };
  };

  const toRows = async (found: Iterable<HubspotRecord>, signal: AbortSignal): Promise<readonly SizedRow[]> => {
    const records = [...found];
    const unseen = fields.filter(({ name }) => name !== KEY && !records.some((record) => name in record.properties));
    if (records.length > 0 && unseen.length > 0) {
      await presence.confirm(
        unseen.map((field) => field.name),
        signal,
      );
    }
    const ids = records.map((record) => record.id);
    const linksOf = new Map<string, ReadonlyMap<string, Links>>();
    if (ids.length > 0) {
      for (const object of objects) linksOf.set(object, await readLinks(client, type, object, ids, signal));
    }
    return records.map((record) => toRow(record, linksOf));
  };

  return {
    type,
    modifiedProperty,
    requested,
    hasMergeProperties: mergeProperties.length > 0,
    fitsAddress: requested.join("%2C").length <= callLimits.queryCharacters,
    hasAssociations: objects.length > 0,
    hasCalculated: fields.some((field) => field.isCalculated),
    fieldNames: stream.fields.map((field) => field.name),
    expectedRowBytes: 64 + 48 * stream.fields.length,
    toRows,
    async readRows(ids, withMerged, signal) {
      const { records, gone } = await readRecords(client, type, ids, requested, signal);
      const rows = await toRows(records.values(), signal);
      const losers = withMerged
        ? [...records.values()].flatMap((record) => mergedAway(record).map(({ id }) => id))
        : [];
      const deleted = [...new Set([...gone, ...losers])].filter((id) => !records.has(id));
      return [...rows, ...deleted.map(toDeleted)];
    },
  };
}

/** A record that is gone. */
export function toDeleted(id: string): SizedRow {
  return { row: { key: id, fields: { [KEY]: id }, deleted: true }, bytes: 48 };
}

function find(field: Field, type: ObjectType, properties: ReadonlyMap<string, PropertyField>): PropertyField {
  const found = properties.get(field.name);
  if (found !== undefined) return found;
  throw goneProperty(type, field.name);
}

/** The associations that a stream offers. */
export function toAssociationFields(objects: readonly string[]): readonly Field[] {
  return objects.flatMap((object) => {
    const [ids, labels] = associationFields(object);
    return [
      { name: ids, type: "array" as const, sourceType: `ids of ${object}`, nullable: false, unreadable: null },
      {
        name: labels,
        type: "json" as const,
        sourceType: `labels by id of ${object}`,
        nullable: false,
        unreadable: null,
      },
    ];
  });
}
