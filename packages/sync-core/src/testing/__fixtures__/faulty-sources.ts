import { ConfigError } from "../../contracts/errors.ts";
import type { Cursor, Page, Row, Source } from "../../contracts/source.ts";
import { pause } from "../broken-law.ts";
import type { MakeSource } from "./memory-harness.ts";
import { createMemorySource, honest, honestInFull, type Rules } from "./memory-source.ts";
import type { MemorySystem } from "./memory-system.ts";
import { faultyRules } from "./faulty-rules.ts";
import { changing, wrap } from "./wrapped-source.ts";

/** A source with one planted bug, and the law that is there to catch it. */
export interface FaultySource {
  readonly bug: string;
  /** The beginning of the law's name. */
  readonly caughtBy: string;
  readonly make: MakeSource;
}

const never = new AbortController().signal;

function faulty(
  bug: string,
  caughtBy: string,
  changes: (original: Source, system: MemorySystem, pageRows: number) => Partial<Source>,
  rules: Rules = honest,
): FaultySource {
  const make: MakeSource = (system, access, pageRows) =>
    wrap(createMemorySource({ system, access, pageRows, rules }), (original) => changes(original, system, pageRows));
  return { bug, caughtBy, make };
}

const wrapped: readonly FaultySource[] = [
  faulty("names a cursor field that it does not have", "describes its stream", (source) => ({
    streams: async (signal) => (await source.streams(signal)).map((each) => ({ ...each, cursorField: "updated" })),
  })),
  faulty("finds something and does not say what", "checks a sound configuration", (source) => ({
    check: async (signal) => [...(await source.check(signal)), { level: "warning", message: "", hint: null }],
  })),
  faulty("gives times as Date objects", "reads every row exactly", (source) => ({
    read: changing(source, (page) => ({
      ...page,
      rows: page.rows.map((row) => ({ ...row, fields: Object.assign({}, row.fields, { changed_at: new Date(0) }) })),
    })),
  })),
  faulty("gives undefined for null", "reads every row exactly", (source) => ({
    read: changing(source, (page) => ({
      ...page,
      rows: page.rows.map((row) =>
        row.fields["note"] === null ? { ...row, fields: Object.assign({}, row.fields, { note: undefined }) } : row,
      ),
    })),
  })),
  faulty("trims texts", "reads every row exactly", (source) => ({
    read: changing(source, (page) => ({
      ...page,
      rows: page.rows.map((row) => {
        const note = row.fields["note"];
        return typeof note === "string" ? { ...row, fields: { ...row.fields, note: note.trim() } } : row;
      }),
    })),
  })),
  faulty("pages by offset", "is not put off by rows that are deleted", (source, _system, pageRows) => ({
    async *read(stream, after, signal) {
      const all: Row[] = [];
      for (let offset = Number(after ?? 0), more = true; more; offset += pageRows) {
        all.length = 0;
        for await (const page of source.read(stream, null, signal)) all.push(...page.rows);
        const rows = all.slice(offset, offset + pageRows);
        more = offset + pageRows < all.length;
        yield { rows, cursor: offset + rows.length, bytes: rows.length * 100, proved: null };
      }
    },
  })),
  faulty(
    "finds its place again by looking for the last row",
    "is not put off by rows that are deleted",
    (source, system) => ({
      async *read(stream, after, signal) {
        for await (const page of source.read(stream, after, signal)) {
          yield page;
          const last = page.rows.at(-1)?.key;
          const rows = await source.lookup(stream, last === undefined ? [] : [last], signal);
          if (last !== undefined && rows.length === 0 && system.rows.size > 0) return;
        }
      },
    }),
  ),
  faulty("gives a Date as part of its cursor", "gives cursors that are plain JSON", (source) => ({
    read: changing(source, (page) => ({ ...page, cursor: Object.assign({}, page.cursor, { at: new Date(0) }) })),
  })),
  faulty("goes on writing to the cursor that it gave", "gives cursors that are plain JSON", (source) => {
    const given: Record<string, Cursor> = {};
    return { read: changing(source, (page) => ({ ...page, cursor: Object.assign(given, page.cursor) })) };
  }),
  faulty("keeps its place to itself and gives a number for it", "goes on from a stored cursor", (source) => {
    const places: Cursor[] = [];
    return {
      async *read(stream, after, signal) {
        const place =
          typeof after === "number"
            ? (places[after] ?? { position: null, unstamped: null, provedThrough: null })
            : null;
        const skipped = typeof after === "number" && places[after] === undefined;
        for await (const page of source.read(stream, place, signal)) {
          places.push(page.cursor);
          yield { ...page, rows: skipped ? [] : page.rows, cursor: places.length - 1 };
        }
      },
    };
  }),
  faulty("keeps one place for all reads", "serves two reads at once", (source) => {
    let place: Cursor | null = null;
    return {
      async *read(stream, after, signal) {
        place = after;
        for (;;) {
          const pages = source.read(stream, place, signal)[Symbol.asyncIterator]();
          const result = await pages.next();
          if (result.done === true) return;
          place = result.value.cursor;
          yield result.value;
          if (result.value.proved !== null) return;
        }
      },
    };
  }),
  faulty("moves its cursor only at the end", "moves its cursor", (source) => ({
    async *read(stream, after, signal) {
      const start = { position: null, unstamped: null, provedThrough: null };
      for await (const page of source.read(stream, after, signal))
        yield page.proved === null ? { ...page, cursor: after ?? start } : page;
    },
  })),
  faulty("never ends", "moves its cursor", (source) => ({
    async *read(stream, after, signal) {
      for (;;) yield* source.read(stream, after, signal);
    },
  })),
  faulty(
    "claims the whole stream with the first page",
    "claims to have read an interval only",
    (source) => ({
      read: changing(source, (page) => ({ ...page, proved: { field: null, after: null, through: null } })),
    }),
    honestInFull,
  ),
  faulty(
    "claims from the beginning of the pass, and leaves a gap",
    "claims to have read an interval only",
    (source) => ({
      read: changing(source, (page) => {
        const after = page.proved?.after ?? null;
        return page.proved === null || after === null
          ? page
          : { ...page, proved: { ...page.proved, after: `${after}9` } };
      }),
    }),
  ),
  faulty("does not listen to the signal while it reads", "stops within a second when it is aborted, and", (source) => ({
    read: (stream, after) => source.read(stream, after, never),
  })),
  faulty("passes an abort off as the end", "stops within a second when it is aborted, and", (source) => ({
    async *read(stream, after, signal) {
      try {
        yield* source.read(stream, after, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  })),
  faulty("looks at the signal between requests only", "stops within a second when it is aborted while", (source) => ({
    async *read(stream, after, signal) {
      for await (const page of source.read(stream, after, never)) {
        signal.throwIfAborted();
        yield page;
      }
    },
  })),
  faulty("begins to work though it was aborted", "reads nothing when it is aborted before", (source) => ({
    check: () => source.check(never),
  })),
  faulty("never closes its connection", "leaves nothing open", () => ({ close: async () => undefined })),
  faulty("can be used on after it was closed", "can be closed twice", (source) => {
    const rest: Pick<Source, "close"> = { close: async () => undefined };
    return { ...source, ...rest };
  }),
  faulty("waits for what is under way when it is closed", "ends a read that is under way", (source) => {
    let last: Promise<unknown> = Promise.resolve();
    return {
      async *read(stream, after, signal) {
        const pages = source.read(stream, after, signal)[Symbol.asyncIterator]();
        for (;;) {
          const next = pages.next();
          last = next.catch(() => undefined);
          const result = await next;
          if (result.done === true) return;
          yield result.value;
        }
      },
      async close() {
        await last;
        await source.close();
      },
    };
  }),
  faulty("fails when it is closed again", "can be closed twice", (source) => {
    let closed = false;
    return {
      async close() {
        if (closed) throw new Error("closed already");
        closed = true;
        await source.close();
      },
    };
  }),
  faulty("allows one read at a time, and forgets that one was left", "can be left after any page", (source) => {
    let busy = false;
    return {
      async *read(stream, after, signal) {
        while (busy) await pause(5);
        busy = true;
        yield* source.read(stream, after, signal);
        busy = false;
      },
    };
  }),
  faulty("takes every fault for an empty table", "answers a system that cannot be reached", (source) => ({
    async *read(stream, after, signal) {
      try {
        yield* source.read(stream, after, signal);
      } catch {
        return;
      }
    },
  })),
  faulty("finds no rows where it could not look", "answers a system that cannot be reached", (source) => ({
    lookup: (stream, keys, signal) => source.lookup(stream, keys, signal).catch(() => []),
  })),
  faulty("checks nothing", "answers wrong credentials", () => ({ check: async () => [] })),
  faulty("reads a field that no longer exists as null", "answers a field that no longer exists", (source) => ({
    async *read(stream, after, signal) {
      const fields = stream.fields.filter((field) => field.name !== "no_such_field");
      yield* source.read({ ...stream, fields }, after, signal);
    },
  })),
  faulty(
    "connects again after a cut, and forgets the page it was reading",
    "loses nothing when its connections",
    (source, system) => ({
      async *read(stream, after, signal) {
        let wasCut = false;
        for await (const page of source.read(stream, after, signal)) {
          if (!wasCut || page.proved !== null) yield page;
          wasCut = system.sessions.size === 0;
        }
      },
    }),
  ),
  faulty("shows the row that it failed at", "puts no secret", (source, system) => ({
    async *read(stream, after, signal) {
      try {
        yield* source.read(stream, after, signal);
      } catch {
        const [row] = system.rows.values();
        throw new ConfigError(`cannot read ${JSON.stringify(row)}`, { hint: "Correct it." });
      }
    },
  })),
  faulty("answers a lookup with what it read before", "looks rows up by key", (source) => {
    const cache = new Map<string, Row>();
    const note = (page: Page): Page => {
      for (const row of page.rows) cache.set(row.key, row);
      return page;
    };
    return {
      read: changing(source, note),
      lookup: async (_stream, keys) => keys.flatMap((key) => cache.get(key) ?? []),
    };
  }),
  faulty("looks up the first hundred", "looks 500 rows up", (source) => ({
    lookup: (stream, keys, signal) => source.lookup(stream, keys.slice(0, 100), signal),
  })),
  faulty("stops a lookup at the first row that is gone", "does not find rows that are gone", (source) => ({
    async lookup(stream, keys, signal) {
      const rows: Row[] = [];
      for (const key of keys) {
        const [row] = await source.lookup(stream, [key], signal);
        if (row === undefined) break;
        rows.push(row);
      }
      return rows;
    },
  })),
  faulty(
    "lets writers between pages push rows over the edge",
    "misses nothing when it goes on from any page's cursor, whatever",
    (source) => {
      let newest = "";
      return {
        async *read(stream, after, signal) {
          newest = "";
          for await (const page of source.read(stream, after, signal)) {
            // Keeps what is newer than anything it has given: rows that were changed and come again are left out.
            const rows = page.rows.filter((row) => toPadded(row) > newest || page.proved !== null);
            newest = rows.reduce((max, row) => {
              const id = toPadded(row);
              return id > max ? id : max;
            }, newest);
            yield { ...page, rows };
          }
        },
      };
    },
  ),
];

function toPadded(row: Row): string {
  return JSON.stringify(row.fields["id"]).padStart(9, "0");
}

export const faultySources: readonly FaultySource[] = [
  ...faultyRules.map(
    ({ bug, caughtBy, rules }): FaultySource => ({
      bug,
      caughtBy,
      make: (system, access, pageRows) => createMemorySource({ system, access, pageRows, rules }),
    }),
  ),
  ...wrapped,
];
