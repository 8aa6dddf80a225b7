import { ConfigError } from "../contracts/errors.ts";
import type { StatePiece, StateRow } from "../contracts/state-transfer.ts";

/** What a column holds: `name` a text that is looked up by and may be of any length, `text` any other; `flag` yes or no. */
export type ColumnKind = "name" | "text" | "whole" | "number" | "bytes" | "flag";

export interface StateColumn {
  readonly kind: ColumnKind;
  readonly nullable: boolean;
}

/** A table of the state as it is exported. Those of SQLite and PostgreSQL have the same columns. */
export interface StateTable {
  readonly name: string;
  /** `id`: its column `sync_id` names a sync; `name`: its column `sync` does; `none`: it belongs to no sync. */
  readonly belongs: "id" | "name" | "none";
  /** The columns that tell its rows apart, besides the sync, in the order in which they are read. */
  readonly key: readonly string[];
  /** Besides the sync. */
  readonly columns: Readonly<Record<string, StateColumn>>;
}

const is = (kind: ColumnKind): StateColumn => ({ kind, nullable: false });
const maybe = (kind: ColumnKind): StateColumn => ({ kind, nullable: true });

/** The row of the sync itself. What follows from the other tables, and who holds it, is not exported. */
export const syncTable: StateTable = {
  name: "sync",
  belongs: "name",
  key: [],
  columns: {
    fence: is("whole"),
    cursor: maybe("text"),
    proved: maybe("text"),
    enumeration: maybe("text"),
    selection: maybe("text"),
  },
};

/** All others, in the order in which they are exported. */
export const stateTables: readonly StateTable[] = [
  {
    name: "landed_row",
    belongs: "id",
    key: ["key"],
    columns: { key: is("name"), digest: is("bytes"), record: maybe("name") },
  },
  {
    name: "parked_row",
    belongs: "id",
    key: ["key"],
    columns: {
      key: is("name"),
      code: is("text"),
      reason: is("text"),
      digest: maybe("bytes"),
      first_at: is("whole"),
      last_at: is("whole"),
    },
  },
  {
    name: "batch",
    belongs: "id",
    key: ["seq"],
    columns: {
      id: is("text"),
      seq: is("whole"),
      written_at: is("whole"),
      sent_at: maybe("whole"),
      event_id: maybe("text"),
      rows: is("bytes"),
      superseded: maybe("bytes"),
      echo_until: maybe("whole"),
      record_kind: maybe("text"),
    },
  },
  {
    name: "echo",
    belongs: "id",
    key: ["batch_id"],
    columns: { batch_id: is("text"), until: is("whole"), rows: is("bytes") },
  },
  { name: "seen_row", belongs: "id", key: ["key"], columns: { key: is("name") } },
  { name: "gone_row", belongs: "id", key: ["key"], columns: { key: is("name") } },
  {
    name: "left_record",
    belongs: "id",
    key: ["record"],
    columns: { record: is("name"), missed_at: maybe("whole"), look_at: maybe("whole") },
  },
  { name: "receipt", belongs: "id", key: ["seq"], columns: { seq: is("whole"), receipt: is("text") } },
  {
    name: "schedule",
    belongs: "name",
    key: [],
    columns: { expression: maybe("text"), fired_at: maybe("whole"), paused: is("flag") },
  },
  {
    name: "run_note",
    belongs: "name",
    key: ["seq"],
    columns: { seq: is("whole"), run_id: is("text"), triggered_by: is("text"), at: is("whole"), text: is("text") },
  },
  {
    name: "alert",
    belongs: "name",
    key: ["kind"],
    columns: { kind: is("text"), text: is("text"), raised_at: is("whole"), told_at: maybe("whole") },
  },
  {
    name: "pace",
    belongs: "none",
    key: ["key"],
    columns: {
      key: is("text"),
      units_per_minute: maybe("number"),
      burst_units: maybe("number"),
      tat: is("number"),
      used_at: is("number"),
      seen_at: is("number"),
    },
  },
  {
    name: "quota_usage",
    belongs: "none",
    key: ["pace_key", "month"],
    columns: {
      pace_key: is("text"),
      month: is("text"),
      attempted: is("number"),
      accepted: is("number"),
      refused: is("number"),
      unknown: is("number"),
      provider_current: maybe("number"),
      provider_limit: maybe("number"),
    },
  },
];

/** Rows in a piece at most, and about how many bytes of stored values; a single row may be larger. */
export const pieceLimits = { rows: 500, bytes: 1024 * 1024 };

/** The value of a column as a store takes it. */
export type Cell = string | number | boolean | Uint8Array | null;

/** The table of a piece. @throws ConfigError when there is no such table, or it does not fit to whom the piece belongs. */
export function tableOf(piece: Pick<StatePiece, "table" | "sync">): StateTable {
  const table = [syncTable, ...stateTables].find(({ name }) => name === piece.table);
  if (table === undefined) throw senseless(`there is no table ${JSON.stringify(piece.table)}`);
  if ((table.belongs === "none") !== (piece.sync === null)) throw senseless(`whose rows of ${table.name} are they?`);
  return table;
}

/** A row of a piece, column by column in the order of the table. @throws ConfigError when it does not fit. */
export function toCells(table: StateTable, row: StateRow): readonly Cell[] {
  const unknown = Object.keys(row).find((name) => table.columns[name] === undefined);
  if (unknown !== undefined) throw senseless(`${table.name} has no column ${JSON.stringify(unknown)}`);
  return Object.entries(table.columns).map(([name, { kind, nullable }]) => {
    const value = row[name] ?? null;
    if (value === null && nullable) return null;
    const cell = toCell(kind, value);
    if (cell === null) throw senseless(`${table.name}.${name} does not hold what it should`);
    return cell;
  });
}

function toCell(kind: ColumnKind, value: unknown): Cell {
  if (kind === "number") return typeof value === "number" && Number.isFinite(value) ? value : null;
  if (kind === "whole") return Number.isSafeInteger(value) ? Number(value) : null;
  if (kind === "flag") return typeof value === "boolean" ? value : null;
  if (typeof value !== "string") return null;
  return kind === "bytes" ? toBytes(value) : value;
}

function toBytes(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? Uint8Array.from(bytes) : null;
}

/** A stored row as it is exported. `values`: as many as the table has columns, in their order. */
export function toStateRow(table: StateTable, values: readonly Cell[]): StateRow {
  const entries = Object.keys(table.columns).flatMap((name, at): [string, string | number | boolean][] => {
    const value = values[at] ?? null;
    if (value === null) return [];
    return [[name, value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value]];
  });
  return Object.fromEntries(entries);
}

/** About what a row takes. */
export function sizeOf(values: readonly Cell[]): number {
  return values.reduce<number>(
    (size, value) => size + (typeof value === "string" || value instanceof Uint8Array ? value.length : 8),
    0,
  );
}

function senseless(what: string): ConfigError {
  return new ConfigError(`what is to be imported makes no sense: ${what}`, {
    hint: "Import a file as `state export` wrote it.",
  });
}
