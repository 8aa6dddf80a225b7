import { hash } from "node:crypto";
import { BugError } from "../contracts/errors.ts";
import type { Json } from "../contracts/json.ts";
import type {
  Batch,
  BatchLimits,
  BatchRow,
  ChangedRow,
  MappedProperty,
  ParkedRow,
  RecordKind,
} from "../contracts/line.ts";
import type { Mapping } from "../contracts/mapping.ts";
import { recordKindOf } from "./remembered-record.ts";
import { sizeOf } from "./size-of.ts";

export interface BatchResult {
  readonly batches: readonly Batch[];
  readonly parked: readonly ParkedRow[];
  /** Rows that lost to a later row of the page which writes the same record, and were not parked with it. */
  readonly superseded: number;
}

/**
 * Packs the changed rows of a page: one set of properties a batch, every record at most once in the whole page (the later
 * row wins and takes over what the earlier one had to send), bounded by rows and bytes. Rows too large are parked.
 * @param position what tells this page of this run from every other; part of the batch ids.
 */
export function batch(
  rows: readonly ChangedRow[],
  mapping: Mapping,
  limits: BatchLimits,
  position: { readonly fence: number; readonly page: number },
): BatchResult {
  const parked: ParkedRow[] = [];
  const groups = new Map<string, Group>();
  const fairShare = { characters: limits.maxRowCharacters, bytes: limits.maxBytes / limits.maxRows };
  const { winners, losers } = onePerRecord(rows);
  let superseded = losers;

  for (const winner of winners) {
    const set = `${winner.sendStructured && mapping.structured.length > 0} ${winner.sendExtracting.join(" ")}`;
    let group = groups.get(set);
    if (group === undefined) groups.set(set, (group = { properties: propertiesOf(winner, mapping), rows: [] }));
    const row = toBatchRow(winner, mapping);
    const { characters, bytes } = sizeOf(row.values, fairShare);
    if (characters > limits.maxRowCharacters) {
      const reason = `the mapped values take ${characters} characters; the destination takes ${limits.maxRowCharacters} a row at most`;
      parked.push({ key: row.key, code: "CONTENT_TOO_LARGE", reason, digest: row.digest });
      for (const loser of row.superseded) parked.push({ ...loser, code: "CONTENT_TOO_LARGE", reason });
      superseded -= row.superseded.length;
      continue;
    }
    group.rows.push({ row, bytes });
  }

  const batches: Batch[] = [];
  const recordKind = recordKindOf(mapping);
  for (const { properties, rows: sized } of groups.values()) {
    for (const packed of pack(sized, limits)) {
      batches.push(
        makeBatch(packed, recordKind, properties, limits, {
          page: position.page,
          place: `${position.fence}.${position.page}.${batches.length}`,
        }),
      );
    }
  }
  return { batches, parked, superseded };
}

/** Two halves of a batch, under ids of their own. The batch has at least two rows. */
export function halve(whole: Batch, limits: BatchLimits): readonly [Batch, Batch] {
  const middle = Math.ceil(whole.rows.length / 2);
  return [part(whole, 0, middle, "0", limits), part(whole, middle, whole.rows.length, "1", limits)];
}

/** Every row of a batch as a batch of its own; a single row stays the batch it is. */
export function apart(whole: Batch, limits: BatchLimits): readonly Batch[] {
  if (whole.rows.length === 1) return [whole];
  return whole.rows.map((_, index) => part(whole, index, index + 1, `row${index}`, limits));
}

/** Parts of one batch as one again, in the order given. At least one. */
export function join(parts: readonly Batch[], id: string, limits: BatchLimits): Batch {
  const [first] = parts;
  if (first === undefined) throw new BugError("there is nothing to join");
  const rows = parts.flatMap((each) => each.rows);
  return { ...first, id, rows, bytes: sum(parts, (each) => each.bytes), units: unitsOf(rows.length, limits) };
}

function part(whole: Batch, start: number, end: number, name: string, limits: BatchLimits): Batch {
  return some(whole, whole.rows.slice(start, end), name, limits);
}

/** Some rows of a batch as a batch of their own. */
export function some(whole: Batch, rows: readonly BatchRow[], name: string, limits: BatchLimits): Batch {
  const bytes = Math.ceil((whole.bytes * rows.length) / whole.rows.length);
  return { ...whole, id: `${whole.id}.${name}`, rows, bytes, units: unitsOf(rows.length, limits) };
}

/** What a batch of `rows` rows costs of the plan's limits. */
export function unitsOf(rows: number, limits: Pick<BatchLimits, "rateUnit" | "chunkSize">): number {
  switch (limits.rateUnit) {
    case "row":
      return rows;
    case "chunk":
      return Math.ceil(rows / limits.chunkSize);
    case "call":
      return 1;
  }
}

/** Rows that are sent with one set of properties. */
interface Group {
  readonly properties: readonly MappedProperty[];
  readonly rows: SizedRow[];
}

interface Winner extends ChangedRow {
  readonly superseded: readonly { readonly key: string; readonly digest: Uint8Array }[];
}

interface SizedRow {
  readonly row: BatchRow;
  readonly bytes: number;
}

const NOBODY: Winner["superseded"] = [];

function onePerRecord(rows: readonly ChangedRow[]): { winners: Iterable<Winner>; losers: number } {
  const winners = new Map<string, Winner>();
  let losers = 0;
  for (const changed of rows) {
    const before = winners.get(changed.row.record);
    if (before === undefined) {
      const { row, isNew, sendStructured, sendExtracting, digest } = changed;
      winners.set(row.record, { row, isNew, sendStructured, sendExtracting, digest, superseded: NOBODY });
      continue;
    }
    losers += 1;
    winners.delete(changed.row.record);
    winners.set(changed.row.record, {
      ...changed,
      isNew: changed.isNew && before.isNew,
      sendStructured: changed.sendStructured || before.sendStructured,
      sendExtracting: [...new Set([...before.sendExtracting, ...changed.sendExtracting])].toSorted(
        (left, right) => left - right,
      ),
      superseded: [...before.superseded, { key: before.row.key, digest: before.digest }],
    });
  }
  return { winners: winners.values(), losers };
}

function propertiesOf(changed: ChangedRow, mapping: Mapping): MappedProperty[] {
  const extracting = mapping.extracting.filter((_, index) => changed.sendExtracting.includes(index));
  return changed.sendStructured ? [...mapping.structured, ...extracting] : extracting;
}

function toBatchRow(winner: Winner, mapping: Mapping): BatchRow {
  const values: Record<string, Json> = { ...winner.row.identity };
  if (winner.sendStructured) {
    mapping.structured.forEach(({ field }, index) => {
      values[field] = winner.row.structured[index] ?? null;
    });
  }
  let aiCharacters = 0;
  for (const index of winner.sendExtracting) {
    const property = mapping.extracting[index];
    if (property === undefined) continue;
    const value = winner.row.extracting[index] ?? null;
    values[property.field] = value;
    aiCharacters += typeof value === "string" ? value.length : value === null ? 0 : JSON.stringify(value).length;
  }
  const { key, record } = winner.row;
  return {
    key,
    record,
    values,
    digest: winner.digest,
    isNew: winner.isNew,
    aiCharacters,
    superseded: winner.superseded,
  };
}

function pack(rows: readonly SizedRow[], limits: BatchLimits): SizedRow[][] {
  const parts: SizedRow[][] = [];
  let current: SizedRow[] = [];
  let bytes = 0;
  for (const sized of rows) {
    if (current.length > 0 && (current.length >= limits.maxRows || bytes + sized.bytes > limits.maxBytes)) {
      parts.push(current);
      current = [];
      bytes = 0;
    }
    current.push(sized);
    bytes += sized.bytes;
  }
  if (current.length > 0) parts.push(current);
  return parts;
}

function makeBatch(
  rowsOfPart: readonly SizedRow[],
  recordKind: RecordKind,
  properties: readonly MappedProperty[],
  limits: BatchLimits,
  { page, place }: { readonly page: number; readonly place: string },
): Batch {
  const rows = rowsOfPart.map((sized) => sized.row);
  const content = rows.map((row) => `${row.key}\n${toText(row.digest)}`).join("\n");
  return {
    id: `${place}-${hash("sha256", `${place}\n${content}`, "hex").slice(0, 16)}`,
    page,
    recordKind,
    properties,
    rows,
    bytes: sum(rowsOfPart, (sized) => sized.bytes),
    units: unitsOf(rows.length, limits),
  };
}

function toText({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
