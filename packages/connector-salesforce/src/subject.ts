import { ConfigError, type Field, type Json, type Row, type Stream, TransientError } from "@acme/sync-core";
import type { CsvRecord } from "./csv.ts";
import { ID, IS_DELETED, MASTER_ID } from "./query.ts";
import type { RestRecord } from "./responses.ts";
import { type Tally, toValue, type ValueKind } from "./values.ts";

/** A field that can be asked for: of the object, or by path of a parent. */
export interface Column {
  readonly field: Field;
  readonly kind: ValueKind;
  /** True where the value changes without a change of the record's stamp: formulas, and everything of a parent. */
  readonly isCalculated: boolean;
  /** About how many bytes a value takes. */
  readonly expectedBytes: number;
}

/** An object as this user sees it. */
export interface Description {
  readonly object: string;
  /** All fields that are offered, by name. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Names of the object's own fields, offered or not. */
  readonly existing: ReadonlySet<string>;
  readonly cursorField: string | null;
  readonly cursorCandidates: readonly string[];
  /** Whether Salesforce keeps a log of its deletions. */
  readonly hasDeletionLog: boolean;
  readonly estimatedRows: number | null;
}

export interface SizedRow {
  readonly row: Row;
  readonly bytes: number;
}

/** What one stream reads of an object: worked out once, used for every page. */
export interface Subject {
  readonly object: string;
  readonly cursorField: string | null;
  /** Names to ask for: what reading itself needs first, then the fields. */
  readonly requested: readonly string[];
  /** Those of them that every query has to have, if several are needed for all. */
  readonly fixed: readonly string[];
  readonly fieldNames: readonly string[];
  /** Whether a query can tell deleted rows. */
  readonly showsDeleted: boolean;
  /** Whether old rows are archived, which plain queries do not show. */
  readonly isArchived: boolean;
  readonly hasDeletionLog: boolean;
  readonly hasCalculated: boolean;
  /** About what a row takes, in bytes, before the first was seen. */
  readonly expectedRowBytes: number;
  fromRest(record: RestRecord, tally: Tally): SizedRow;
  /** @throws TransientError when a header lacks what was asked for. */
  fromCsv(header: CsvRecord, doing: string, tally: Tally): (record: CsvRecord) => SizedRow;
}

/** @throws ConfigError when a field of the stream does not exist (any more), or may not be seen (any more). */
export function toSubject(description: Description, stream: Stream): Subject {
  const { object, columns, existing, cursorField, hasDeletionLog } = description;
  const wanted = stream.fields.map(({ name }) => {
    const column = columns.get(name);
    if (column === undefined || column.field.unreadable !== null) throw goneField(object, name);
    return column;
  });
  const fixed = [ID, ...(cursorField === null ? [] : [cursorField])];
  const marks = [IS_DELETED, MASTER_ID].filter((name) => existing.has(name));
  const names = wanted.map((column) => column.field.name);
  const requested = [...new Set([...fixed, ...marks, ...names])];
  const showsDeleted = existing.has(IS_DELETED);

  const kinds = wanted.map((column) => column.kind);

  /** @param valueOf a field's value as it came, by its place among the fields. */
  const toSized = (
    valueOf: (at: number) => unknown,
    id: unknown,
    isDeleted: unknown,
    masterId: unknown,
    tally: Tally,
  ): SizedRow => {
    const fields: Record<string, Json> = {};
    let bytes = 32;
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at] ?? "";
      const value = toValue(valueOf(at), kinds[at] ?? "text", tally);
      fields[name] = value;
      bytes += name.length + (typeof value === "string" ? value.length : 4) + 6;
    }
    const longId = toValue(id, "id", tally);
    const key = typeof longId === "string" ? longId : "";
    if (toValue(isDeleted, "boolean", tally) !== true) return { row: { key, fields }, bytes };
    // Of a record that was merged away, the winner.
    const master = toValue(masterId, "id", tally);
    if (master !== null) fields[MASTER_ID] = master;
    return { row: { key, fields, deleted: true }, bytes };
  };

  return {
    object,
    cursorField,
    requested,
    fixed,
    fieldNames: names,
    showsDeleted,
    isArchived: existing.has("IsArchived") && showsDeleted,
    hasDeletionLog,
    hasCalculated: wanted.some((column) => column.isCalculated),
    expectedRowBytes: requested.reduce((sum, name) => sum + 4 + (columns.get(name)?.expectedBytes ?? 20), 32),
    fromRest(record, tally) {
      const valueOf = (at: number): unknown => valueAt(record, names[at] ?? "");
      return toSized(valueOf, record[ID], record[IS_DELETED], record[MASTER_ID], tally);
    },
    fromCsv(header, doing, tally) {
      const places = new Map(header.map((name, place) => [name.toLowerCase(), place]));
      const placeOf = (name: string): number => {
        const place = places.get(name.toLowerCase());
        if (place !== undefined) return place;
        throw new TransientError(`${doing}: the Bulk result lacks the column ${name}`, {
          hint: "Reading goes on from the last page.",
        });
      };
      const placesOfFields = names.map(placeOf);
      const [idPlace, deletedPlace, masterPlace] = [ID, IS_DELETED, MASTER_ID].map((name) =>
        requested.includes(name) ? placeOf(name) : -1,
      );
      return (record) =>
        toSized(
          (at) => record[placesOfFields[at] ?? -1],
          record[idPlace ?? -1],
          record[deletedPlace ?? -1],
          record[masterPlace ?? -1],
          tally,
        );
    },
  };
}

/** REST nests parents, a missing parent being null; Bulk has a column by path. */
export function valueAt(record: RestRecord, path: string): unknown {
  if (!path.includes(".")) return record[path];
  let value: unknown = record;
  for (const name of path.split(".")) {
    if (!isObject(value)) return null;
    value = value[name];
  }
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** A record that is gone. */
export function toDeleted(id: string): SizedRow {
  return { row: { key: id, fields: { [ID]: id }, deleted: true }, bytes: 48 };
}

export function goneField(object: string, name: string): ConfigError {
  return new ConfigError(`${object} has no field "${name}" (any more) that this user may see`, {
    hint: "It was deleted or renamed, or field-level security hides it: grant Read on it in a permission set, or correct the mapping. `discover` lists what there is.",
  });
}
