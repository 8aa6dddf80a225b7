import type { Cursor, Field, JsonObject, Page, Row, Source, Stream } from "@acme/sync-core";
import type { SourceScenario } from "./scenario.ts";
import type { SourceRow } from "./source-row.ts";
import type { SourceSystem } from "./source-system.ts";

/* Types only are imported here: the planted bugs work on copies of this file at other places. */

export interface SimulatedSourcePorts {
  readonly system: SourceSystem;
  readonly scenario: SourceScenario;
  /** Asks the system something. Time passes, and it may fail. */
  query<T>(what: string, answer: () => T): Promise<T>;
  /** A page is handed to the engine. */
  onPage(rows: readonly SourceRow[], cursor: Cursor): void;
  fieldIsGone(field: string): Error;
  /** Some sources notice that a column is gone only when rows come without it. */
  noticesMissingFields: boolean;
  /** It proves nothing while rows are hidden from it. */
  knowsWhatItMayNotSee: boolean;
}

interface Position {
  readonly stamp: number;
  readonly key: string;
}

const fields: readonly Field[] = [
  field("id", "text"),
  field("email", "text"),
  field("name", "text"),
  field("city", "text"),
  field("score", "number"),
  field("notes", "text"),
  field("bio", "text"),
  field("active", "boolean"),
  field("phone", "number"),
  field("updated_at", "number"),
];

/** A source over the simulated system that keeps its contract: repeats, but no gaps. */
export function createSimulatedSource(ports: SimulatedSourcePorts): Source {
  const { system, scenario } = ports;
  const isAware = (): boolean => ports.knowsWhatItMayNotSee && system.hidesAny();
  const hasCursor = scenario.shape === "cursor";

  function toPage(rows: readonly SourceRow[], cursor: Cursor, stream: Stream, complete: boolean): Page {
    ports.onPage(rows, cursor);
    return {
      rows: rows.map((row) => toRow(row, stream)),
      cursor,
      bytes: rows.length * 200,
      proved: complete && !isAware() ? { field: hasCursor ? "updated_at" : null, after: null, through: null } : null,
    };
  }

  function toRow(row: SourceRow, stream: Stream): Row {
    if (row.deleted === true) return { key: row.key, fields: {}, deleted: true };
    return { key: row.key, fields: toFields(row, stream) };
  }

  function toFields(row: SourceRow, stream: Stream): JsonObject {
    const all: JsonObject = { id: row.key, updated_at: row.stamp, ...row.columns };
    const missing = system.missing();
    return Object.fromEntries(
      stream.fields.filter(({ name }) => name !== missing).map(({ name }) => [name, all[name] ?? null]),
    );
  }

  function refuseMissingField(stream: Stream): void {
    const missing = system.missing();
    if (missing !== null && ports.noticesMissingFields && stream.fields.some(({ name }) => name === missing))
      throw ports.fieldIsGone(missing);
  }

  async function* readChanges(stream: Stream, after: Cursor | null): AsyncGenerator<Page> {
    const from = toPosition(after);
    let position = { ...from, stamp: from.stamp - scenario.overlapMs };
    for (;;) {
      const { rows, horizon } = await ports.query("read changes", () => {
        refuseMissingField(stream);
        const end = system.horizon();
        const ready = system.shown().filter((row) => row.stamp < end && isAfter(row, position));
        return { rows: ready.toSorted(byPosition).slice(0, scenario.pageRows), horizon: end };
      });
      const last = rows.at(-1);
      if (last !== undefined) {
        position = { stamp: last.stamp, key: last.key };
        // What was reached before stays reached, although reading began earlier.
        yield toPage(rows, toCursor(isAfter(position, from) ? position : from), stream, false);
      }
      if (rows.length === scenario.pageRows) continue;
      const end = { stamp: horizon, key: "" };
      if (scenario.emptyLastPage && isAfter(end, position) && isAfter(end, from))
        yield toPage([], toCursor(end), stream, true);
      return;
    }
  }

  async function* readAll(stream: Stream, after: Cursor | null): AsyncGenerator<Page> {
    let key = after === null ? "" : toPosition(after).key;
    for (;;) {
      const rows = await ports.query("read rows", () => {
        refuseMissingField(stream);
        const ready = system.shown().filter((row) => row.key > key);
        return ready.toSorted((left, right) => compare(left.key, right.key)).slice(0, scenario.pageRows);
      });
      const last = rows.at(-1);
      if (last === undefined || rows.length < scenario.pageRows) {
        // The next run begins at the beginning.
        yield toPage(rows, null, stream, true);
        return;
      }
      key = last.key;
      yield toPage(rows, toCursor({ stamp: 0, key }), stream, false);
    }
  }

  return {
    check: async () => [],
    streams: () =>
      ports.query("describe", () => [
        {
          name: "customers",
          fields: fields.filter(({ name }) => name !== system.missing()),
          key: ["id"],
          cursorField: hasCursor ? "updated_at" : null,
          cursorCandidates: ["updated_at"],
          estimatedRows: null,
        },
      ]),
    read: (stream, after) => (hasCursor ? readChanges(stream, after) : readAll(stream, after)),
    lookup: (stream, keys) =>
      ports.query("look rows up", () => {
        refuseMissingField(stream);
        return system.found(keys).map((row) => toRow(row, stream));
      }),
    close: async () => undefined,
  };
}

function isAfter(row: Position, position: Position): boolean {
  return row.stamp > position.stamp || (row.stamp === position.stamp && row.key > position.key);
}

function byPosition(left: Position, right: Position): number {
  return left.stamp - right.stamp || compare(left.key, right.key);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function toCursor(position: Position): Cursor {
  return { stamp: position.stamp, key: position.key };
}

function toPosition(cursor: Cursor | null): Position {
  if (cursor === null || typeof cursor !== "object" || !("stamp" in cursor)) return { stamp: 0, key: "" };
  const { stamp, key } = cursor;
  return { stamp: Number(stamp), key: typeof key === "string" ? key : "" };
}

function field(name: string, type: Field["type"]): Field {
  return { name, type, sourceType: type, nullable: true, unreadable: null };
}
