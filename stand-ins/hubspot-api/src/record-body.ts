import { DAY_MS } from "@acme/stand-in-kit";
import type { App } from "./auth/apps.ts";
import { sensitiveScopeOf } from "./auth/scopes.ts";
import type { Knobs } from "./knobs.ts";
import type { ObjectType, ReadValue } from "./portal/object-type.ts";
import type { PropertyDefinition } from "./portal/property-definition.ts";
import type { RecordVersion, StoredRecord } from "./portal/stored-record.ts";

/** How to show one property of a record. */
export interface Column {
  readonly name: string;
  readonly read: ReadValue;
}

/**
 * The columns of an answer: the asked-for properties, or the type's usual ones when none are asked for, and always the id
 * and the two dates. Names that are not defined, or hidden from this app, are left out without a word.
 */
export function toColumns(
  type: ObjectType,
  names: readonly string[],
  app: App,
  knobs: Readonly<Knobs>,
): readonly Column[] {
  const { facts } = type;
  const wanted = names.length > 0 ? names : facts.defaultProperties;
  const all = new Set([facts.createdProperty, "hs_object_id", facts.modifiedProperty, ...wanted]);
  const columns: Column[] = [];
  for (const name of all) {
    const definition = type.property(name);
    const read = type.reader(name);
    if (definition === undefined || read === undefined || !isVisible(type, definition, app)) continue;
    columns.push({ name, read: format(definition, read, knobs) });
  }
  return columns;
}

/** Whether an app may see a property and its values. */
export function isVisible(type: ObjectType, definition: PropertyDefinition, app: App): boolean {
  const { dataSensitivity = "non_sensitive" } = definition;
  return dataSensitivity === "non_sensitive" || app.scopes.has(sensitiveScopeOf(type));
}

export interface RecordBody {
  id: string;
  properties: Record<string, string | null>;
  propertiesWithHistory?: Record<string, readonly HistoryEntry[]>;
  createdAt: string;
  updatedAt: string;
  archived: boolean;
  archivedAt?: string;
  associations?: Record<string, unknown>;
  url: string;
}

export interface HistoryEntry {
  readonly value: string;
  readonly timestamp: string;
  readonly sourceType: string;
}

/** A record as the API shows it. */
export function toRecordBody(
  portalId: number,
  type: ObjectType,
  record: StoredRecord,
  version: RecordVersion,
  columns: readonly Column[],
  knobs: Readonly<Knobs>,
): RecordBody {
  const properties: Record<string, string | null> = {};
  for (const { name, read } of columns) {
    const value = read(record, version);
    if (value !== null) properties[name] = value;
    else if (knobs.emptyValue !== "omitted") properties[name] = knobs.emptyValue === "null" ? null : "";
  }
  return {
    id: String(record.id),
    properties,
    createdAt: new Date(record.createdAtMs).toISOString(),
    updatedAt: new Date(version.modifiedAtMs).toISOString(),
    archived: version.state === "archived",
    ...(version.archivedAtMs === undefined ? {} : { archivedAt: new Date(version.archivedAtMs).toISOString() }),
    url: `https://app.hubspot.com/contacts/${portalId}/record/${type.facts.typeId}/${record.id}`,
  };
}

/** Former values of each column, newest first, as far back as versions are kept. */
export function toHistory(record: StoredRecord, columns: readonly Column[]): Record<string, readonly HistoryEntry[]> {
  const history: Record<string, readonly HistoryEntry[]> = {};
  for (const { name, read } of columns) {
    const entries: HistoryEntry[] = [];
    for (let version: RecordVersion | undefined = record.current; version !== undefined; version = version.previous) {
      const value = read(record, version);
      const older: RecordVersion | undefined = version.previous;
      const before = older === undefined ? null : read(record, older);
      if (value === before) continue;
      const timeMs = older === undefined ? record.createdAtMs : version.modifiedAtMs;
      entries.push({ value: value ?? "", timestamp: new Date(timeMs).toISOString(), sourceType: version.sourceType });
    }
    history[name] = entries;
  }
  return history;
}

function format(definition: PropertyDefinition, read: ReadValue, knobs: Readonly<Knobs>): ReadValue {
  if (definition.type === "datetime" && knobs.datetimeForm !== "iso") {
    return (record, version) => formatDatetime(read(record, version), knobs.datetimeForm, record.id);
  }
  if (definition.type === "date" && knobs.dateForm !== "day") {
    return (record, version) => formatDate(read(record, version), knobs.dateForm, record.id);
  }
  return read;
}

function formatDatetime(value: string | null, form: Knobs["datetimeForm"], id: number): string | null {
  const timeMs = value === null || value === "" ? Number.NaN : Date.parse(value);
  if (Number.isNaN(timeMs)) return value;
  const chosen = form === "mixed" ? (["iso", "iso-seconds", "milliseconds"] as const)[id % 3] : form;
  if (chosen === "milliseconds") return String(timeMs);
  const iso = new Date(timeMs).toISOString();
  // Only a time without a fraction can be written without one.
  return chosen === "iso-seconds" && timeMs % 1000 === 0 ? iso.replace(".000Z", "Z") : iso;
}

function formatDate(value: string | null, form: Knobs["dateForm"], id: number): string | null {
  const timeMs = value === null || value === "" ? Number.NaN : Date.parse(value);
  if (Number.isNaN(timeMs) || (form === "mixed" && id % 2 === 0)) return value;
  return String(Math.floor(timeMs / DAY_MS) * DAY_MS);
}
