import type { JsonObject } from "../../contracts/json.ts";
import type { Cursor, Page, Row, Source, Stream } from "../../contracts/source.ts";

export interface FakeSource extends Source {
  /** Inserts or updates a row: it moves to the end of the changes. */
  put(key: string, fields: JsonObject): void;
  /** The row is gone without a trace. */
  remove(key: string): void;
  /** The row is gone, and the next reading says so. */
  markDeleted(key: string): void;
  /** True: there is no cursor field, every pass reads everything, by key. */
  isCompared: boolean;
  /** Rows for which it is true are there, but no page shows them. */
  hides: (row: Row) => boolean;
  /** False: the last page of a pass proves nothing. */
  proves: boolean;
  /** True: a reading by cursor is followed by one of everything, and that by an empty page that proves nothing. */
  readsAllAgain: boolean;
  /** The rows in the order of their last change. */
  rows(): readonly Row[];
  /** Called before every page; may throw. */
  beforePage: (place: number, signal: AbortSignal) => Promise<void>;
  pageSize: number;
  /** Cursors from which reading began. */
  readonly reads: readonly (Cursor | null)[];
  /** Keys that were looked up, by question. */
  readonly looked: readonly (readonly string[])[];
  /** Readings that have ended, one way or the other. */
  ended(): number;
}

export const fakeStream: Stream = {
  name: "customers",
  fields: ["id", "email", "name", "age", "notes"].map((name) => ({
    name,
    type: name === "age" ? "number" : "text",
    sourceType: "text",
    nullable: true,
    unreadable: null,
  })),
  key: ["id"],
  cursorField: "changed",
  cursorCandidates: ["changed"],
  estimatedRows: null,
};

/** A table whose rows carry the number of their last change; pages are read in that order. */
export function createFakeSource(): FakeSource {
  const table = new Map<string, { row: Row; change: number }>();
  const reads: (Cursor | null)[] = [];
  const looked: (readonly string[])[] = [];
  let change = 0;
  let ended = 0;

  const source: FakeSource = {
    reads,
    looked,
    pageSize: 10,
    beforePage: async () => undefined,
    ended: () => ended,
    put(key, fields) {
      change += 1;
      table.set(key, { row: { key, fields: { id: key, notes: null, age: 1, name: key, ...fields } }, change });
    },
    isCompared: false,
    readsAllAgain: false,
    hides: () => false,
    proves: true,
    remove: (key) => void table.delete(key),
    markDeleted(key) {
      change += 1;
      table.set(key, { row: { key, fields: { id: key }, deleted: true }, change });
    },
    rows: () => inOrder().map(({ row }) => row),
    check: async () => [],
    streams: async () => [source.isCompared ? { ...fakeStream, cursorField: null } : fakeStream],
    lookup: async (_, keys) => {
      looked.push(keys);
      return keys.flatMap((key) => table.get(key)?.row ?? []);
    },
    close: async () => undefined,
    async *read(_, after, signal): AsyncGenerator<Page> {
      reads.push(after);
      try {
        if (source.isCompared) {
          yield* readInFull(after, signal);
          return;
        }
        let from = toChange(after);
        for (let place = 0; ; place += 1) {
          await source.beforePage(place, signal);
          signal.throwIfAborted();
          const part = inOrder()
            .filter((entry) => entry.change > from && !source.hides(entry.row))
            .slice(0, source.pageSize);
          const last = part.at(-1);
          if (last === undefined) {
            if (source.readsAllAgain) yield* readAllAgain(from, toKey(after), signal);
            return;
          }
          const before = from;
          from = last.change;
          yield {
            rows: part.map(({ row }) => row),
            cursor: from,
            bytes: 100 * part.length,
            proved: source.proves
              ? { field: "changed", after: before === 0 ? null : String(before), through: String(from) }
              : null,
          };
        }
      } finally {
        ended += 1;
      }
    },
  };

  /** The cursor is the last key read, null once everything was. */
  async function* readInFull(after: Cursor | null, signal: AbortSignal): AsyncGenerator<Page> {
    let key = typeof after === "string" ? after : "";
    for (let place = 0; ; place += 1) {
      await source.beforePage(place, signal);
      signal.throwIfAborted();
      const rest = source
        .rows()
        .filter((row) => row.key > key && !source.hides(row))
        .toSorted((left, right) => (left.key < right.key ? -1 : 1));
      const part = rest.slice(0, source.pageSize);
      const isLast = part.length === rest.length;
      key = part.at(-1)?.key ?? key;
      const proved = isLast && source.proves ? { field: null, after: null, through: null } : null;
      yield { rows: part, cursor: isLast ? { done: true } : key, bytes: 100 * part.length, proved };
      if (isLast) return;
    }
  }

  /** The cursor is the last change read and the last key read again, the change alone once everything was. */
  async function* readAllAgain(from: number, begin: string | null, signal: AbortSignal): AsyncGenerator<Page> {
    let key = begin;
    for (let place = 0; ; place += 1) {
      await source.beforePage(place, signal);
      signal.throwIfAborted();
      const rest = source
        .rows()
        .filter((row) => row.key > (key ?? "") && row.deleted !== true && !source.hides(row))
        .toSorted((left, right) => (left.key < right.key ? -1 : 1));
      const rows = rest.slice(0, source.pageSize);
      const isLast = rows.length === rest.length;
      const begins = key === null ? { beginsEnumeration: true as const } : {};
      key = rows.at(-1)?.key ?? key;
      const proved = isLast ? { field: null, after: null, through: null } : null;
      yield { rows, cursor: isLast ? from : { from, key }, bytes: 100 * rows.length, proved, ...begins };
      if (!isLast) continue;
      await source.beforePage(place + 1, signal);
      break;
    }
    yield { rows: [], cursor: from, bytes: 0, proved: null };
  }

  function inOrder(): { row: Row; change: number }[] {
    return [...table.values()].toSorted((left, right) => left.change - right.change);
  }

  return source;
}

function toChange(cursor: Cursor | null): number {
  if (typeof cursor === "number") return cursor;
  return cursor instanceof Object && "from" in cursor ? Number(cursor["from"]) : 0;
}

function toKey(cursor: Cursor | null): string | null {
  const key = cursor instanceof Object && "key" in cursor ? cursor["key"] : null;
  return typeof key === "string" ? key : null;
}
