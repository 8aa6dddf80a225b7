import type { JsonObject } from "../../contracts/json.ts";
import type { Cursor, Page, Row, Source, Stream } from "../../contracts/source.ts";

export interface FakeSource extends Source {
  /** Inserts or updates a row: it moves to the end of the changes. */
  put(key: string, fields: JsonObject): void;
  /** The row is gone without a trace. */
  remove(key: string): void;
  /** The rows in the order of their last change. */
  rows(): readonly Row[];
  /** Called before every page; may throw. */
  beforePage: (place: number, signal: AbortSignal) => Promise<void>;
  pageSize: number;
  /** Cursors from which reading began. */
  readonly reads: readonly (Cursor | null)[];
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
  let change = 0;
  let ended = 0;

  const source: FakeSource = {
    reads,
    pageSize: 10,
    beforePage: async () => undefined,
    ended: () => ended,
    put(key, fields) {
      change += 1;
      table.set(key, { row: { key, fields: { id: key, notes: null, age: 1, name: key, ...fields } }, change });
    },
    remove: (key) => void table.delete(key),
    rows: () => inOrder().map(({ row }) => row),
    check: async () => [],
    streams: async () => [fakeStream],
    lookup: async (_, keys) => keys.flatMap((key) => table.get(key)?.row ?? []),
    close: async () => undefined,
    async *read(_, after, signal): AsyncGenerator<Page> {
      reads.push(after);
      try {
        let from = typeof after === "number" ? after : 0;
        for (let place = 0; ; place += 1) {
          await source.beforePage(place, signal);
          signal.throwIfAborted();
          const part = inOrder()
            .filter((entry) => entry.change > from)
            .slice(0, source.pageSize);
          const last = part.at(-1);
          if (last === undefined) return;
          const before = from;
          from = last.change;
          yield {
            rows: part.map(({ row }) => row),
            cursor: from,
            bytes: 100 * part.length,
            proved: { field: "changed", after: before === 0 ? null : String(before), through: String(from) },
          };
        }
      } finally {
        ended += 1;
      }
    },
  };

  function inOrder(): { row: Row; change: number }[] {
    return [...table.values()].toSorted((left, right) => left.change - right.change);
  }

  return source;
}
