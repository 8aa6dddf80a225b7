import { AuthError, BugError, ConfigError, SyncError, TransientError } from "../../contracts/errors.ts";
import type { Json, JsonObject } from "../../contracts/json.ts";
import type { Cursor, Field, Page, ProvedInterval, Row, Source, Stream } from "../../contracts/source.ts";
import { DriverError, type MemoryAccess, type MemoryRow, type MemorySystem, type Session } from "./memory-system.ts";

/** Where reading goes on: behind this row, in the order of (changed_at, id), or of id where the stream is compared in full. */
export type Position = {
  readonly changedAt: number;
  readonly id: number;
};

export type MemoryCursor = {
  readonly position: Position | null;
  /** Rows without a cursor value: the last one read, or "done" until the pass ends. */
  readonly unstamped: number | "done" | null;
  readonly provedThrough: number | null;
};

/** What is decided in the course of a read. The honest rules are {@link honest}; faulty sources change one or two. */
export interface Rules {
  readonly isIncremental: boolean;
  isBehind(row: MemoryRow, position: Position): boolean;
  /** Rows that changed at or after this moment are left to a later read. */
  horizon(system: MemorySystem): number;
  /** What is claimed to be read completely: everything before this moment. */
  claim(system: MemorySystem, horizon: number): number;
  /** The position that a page's cursor names. */
  positionAfter(page: readonly MemoryRow[], rest: readonly MemoryRow[], before: Position | null): Position | null;
  /** The position that the last page's cursor names. */
  positionAtEnd(position: Position | null, system: MemorySystem): Position | null;
  readonly readsUnstamped: boolean;
  keyOf(row: MemoryRow): string;
  fieldsOf(row: MemoryRow, names: readonly string[]): JsonObject;
  parse(cursor: Cursor): MemoryCursor;
  toSyncError(error: unknown, access: MemoryAccess, system: MemorySystem): unknown;
  /** Waited for when there is nothing left to read. */
  atEnd(): Promise<void>;
}

const START: MemoryCursor = { position: null, unstamped: null, provedThrough: null };

export const honest: Rules = {
  isIncremental: true,
  isBehind: (row, { changedAt, id }) =>
    (row.changedAt ?? 0) > changedAt || (row.changedAt === changedAt && row.id > id),
  horizon: (system) => system.horizon(),
  claim: (_system, horizon) => horizon,
  positionAfter(page, _rest, before) {
    const last = page.at(-1);
    return last === undefined ? before : { changedAt: last.changedAt ?? 0, id: last.id };
  },
  positionAtEnd: (position) => position,
  readsUnstamped: true,
  keyOf: (row) => JSON.stringify([row.tenant, String(row.id)]),
  fieldsOf(row, names) {
    const all = toFields(row);
    return Object.fromEntries(names.map((name) => [name, all[name] ?? null]));
  },
  parse(cursor) {
    if (cursor instanceof Object && "position" in cursor && "unstamped" in cursor && "provedThrough" in cursor) {
      const { position, unstamped, provedThrough } = cursor;
      const isKnown = position === null || (position instanceof Object && "changedAt" in position && "id" in position);
      if (isKnown)
        return {
          position: position === null ? null : { changedAt: Number(position["changedAt"]), id: Number(position["id"]) },
          unstamped: typeof unstamped === "number" || unstamped === "done" ? unstamped : null,
          provedThrough: typeof provedThrough === "number" ? provedThrough : null,
        };
    }
    throw new ConfigError("the stored position was not made by this source", { hint: "Run `state reset`." });
  },
  toSyncError(error) {
    if (SyncError.is(error)) return error;
    const code = error instanceof DriverError ? error.code : "NO_CODE";
    switch (code) {
      case "ECONNREFUSED":
      case "ECONNRESET":
        return new TransientError("the memory system cannot be reached", { hint: "Start it." });
      case "BAD_PASSWORD":
        return new AuthError("the memory system refused the password", { hint: "Correct it." });
      case "NO_SUCH_TABLE":
        return new ConfigError("there is no such table", { hint: "Correct table." });
      default:
        return new BugError("something that cannot happen did");
    }
  },
  atEnd: async () => undefined,
};

/** The same, compared in full on every run: by id, and from the beginning once the end was reached. */
export const honestInFull: Rules = {
  ...honest,
  isIncremental: false,
  isBehind: (row, { id }) => row.id > id,
  horizon: () => Number.POSITIVE_INFINITY,
  readsUnstamped: false,
  positionAtEnd: () => null,
};

export interface MemorySourceOptions {
  readonly system: MemorySystem;
  readonly access: MemoryAccess;
  readonly pageRows: number;
  readonly rules: Rules;
}

export function createMemorySource({ system, access, pageRows, rules }: MemorySourceOptions): Source {
  let session: Session | null = null;
  const closing = new AbortController();

  async function ask<T>(signal: AbortSignal, work: () => T): Promise<T> {
    signal.throwIfAborted();
    closing.signal.throwIfAborted();
    try {
      if (session?.alive !== true) session = system.connect(access);
      return await system.request(session, access, AbortSignal.any([signal, closing.signal]), work);
    } catch (error) {
      signal.throwIfAborted();
      closing.signal.throwIfAborted();
      throw rules.toSyncError(error, access, system);
    }
  }

  async function* read(stream: Stream, after: Cursor | null, signal: AbortSignal): AsyncGenerator<Page> {
    let cursor = after === null ? START : rules.parse(after);
    const names = stream.fields.map((field) => field.name);
    refuseUnknown([...names, ...stream.key]);
    const horizon = await ask(signal, () => rules.horizon(system));
    const toRow = (row: MemoryRow): Row => ({ key: rules.keyOf(row), fields: rules.fieldsOf(row, names) });
    const toPage = (rows: readonly MemoryRow[], next: MemoryCursor, proved: ProvedInterval | null): Page => ({
      rows: rows.map(toRow),
      cursor: { ...next },
      bytes: rows.length * 100,
      proved,
    });

    while (rules.readsUnstamped && cursor.unstamped !== "done") {
      const last = cursor.unstamped ?? 0;
      const found = await ask(signal, () =>
        [...system.rows.values()]
          .filter((row) => row.changedAt === null && row.id > last)
          .toSorted((left, right) => left.id - right.id)
          .slice(0, pageRows),
      );
      cursor = { ...cursor, unstamped: found.at(-1)?.id ?? "done" };
      if (found.length > 0) yield toPage(found, cursor, null);
    }

    for (;;) {
      const { position } = cursor;
      const found = await ask(signal, () =>
        [...system.rows.values()]
          .filter((row) => !rules.isIncremental || (row.changedAt !== null && row.changedAt < horizon))
          .filter((row) => position === null || rules.isBehind(row, position))
          .toSorted((left, right) => inOrder(left, right, rules.isIncremental)),
      );
      const page = found.slice(0, pageRows);
      const rest = found.slice(pageRows);
      const reached = rules.positionAfter(page, rest, position);
      if (rest.length > 0) {
        cursor = { ...cursor, position: reached };
        yield toPage(page, cursor, null);
        continue;
      }
      if (page.length === 0) await rules.atEnd();
      const claim = rules.claim(system, horizon);
      const proved = rules.isIncremental
        ? {
            field: "changed_at",
            after: cursor.provedThrough === null ? null : toIso(cursor.provedThrough),
            through: toIso(claim),
            throughExclusive: true,
          }
        : { field: null, after: null, through: null };
      const end = { position: rules.positionAtEnd(reached, system), unstamped: null, provedThrough: claim };
      yield toPage(page, rules.isIncremental ? end : { ...end, provedThrough: null }, proved);
      return;
    }
  }

  return {
    async check(signal) {
      await ask(signal, () => undefined);
      return [{ level: "ok", message: "the memory system answers", hint: null }];
    },
    async streams(signal) {
      return [await ask(signal, () => toStream(system, rules.isIncremental))];
    },
    read,
    async lookup(stream, keys, signal) {
      const names = stream.fields.map((each) => each.name);
      refuseUnknown(names);
      const wanted = new Set(keys);
      const found = await ask(signal, () => [...system.rows.values()].filter((row) => wanted.has(rules.keyOf(row))));
      return found.map((row) => ({ key: rules.keyOf(row), fields: rules.fieldsOf(row, names) }));
    },
    async close() {
      closing.abort(new ConfigError("the source is closed", { hint: "Make a new one." }));
      if (session !== null) system.sessions.delete(session);
      session = null;
    },
  };
}

function inOrder(left: MemoryRow, right: MemoryRow, isIncremental: boolean): number {
  return (isIncremental ? (left.changedAt ?? 0) - (right.changedAt ?? 0) : 0) || left.id - right.id;
}

function refuseUnknown(names: readonly string[]): void {
  const unknown = names.find((name) => !FIELDS.some((field) => field.name === name));
  if (unknown !== undefined) throw new ConfigError(`there is no field "${unknown}"`, { hint: "Correct the mapping." });
}

export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

export function toFields(row: MemoryRow): Record<string, Json> {
  return {
    tenant: row.tenant,
    id: String(row.id),
    note: row.note,
    changed_at: row.changedAt === null ? null : toIso(row.changedAt),
    ...row.more,
  };
}

const field = (name: string, type: Field["type"], nullable: boolean): Field => ({
  name,
  type,
  sourceType: `memory ${type}`,
  nullable,
  unreadable: type === "binary" ? "bytes have no place in JSON" : null,
});

const FIELDS: readonly Field[] = [
  field("tenant", "text", false),
  field("id", "bigint", false),
  field("note", "text", true),
  field("changed_at", "datetime", true),
  field("amount", "decimal", true),
  field("born", "date", true),
  field("active", "boolean", true),
  field("visits", "number", true),
  field("tags", "array", true),
  field("data", "json", true),
  field("photo", "binary", true),
];

function toStream(system: MemorySystem, isIncremental: boolean): Stream {
  return {
    name: "notes",
    fields: FIELDS,
    key: ["tenant", "id"],
    cursorField: isIncremental ? "changed_at" : null,
    cursorCandidates: ["changed_at"],
    estimatedRows: system.rows.size,
  };
}
