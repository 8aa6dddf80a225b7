import {
  FALLBACK_LAG_MS,
  FAR_AHEAD_MICROS,
  fromIsoMicros,
  type IncrementalCursor,
  isBeyond,
  NOTICE_AFTER_MICROS,
  readGreatest,
  roundingMicros,
  toIsoMicros,
  VALUE_WAIT_MS,
  type Window,
  type WindowSearch,
} from "@acme/sql-source";
import { ConfigError, type Runtime } from "@acme/sync-core";
import type { MysqlTransaction } from "./client.ts";
import type { MysqlConfig } from "./config.ts";
import {
  boundMoments,
  type CursorKind,
  toCursorKind,
  toDatetimeText,
  toWallClockBound,
  toZoneOffset,
} from "./cursor.ts";
import { type Look, look, toBlindLag, whyBlind } from "./look.ts";
import { dialect } from "./query.ts";
import type { Column } from "./streams.ts";
import { list, oldest, remaining, whoSince } from "./under-way.ts";

/** InnoDB answers from the picture before when it was asked within the last 100 ms. */
const LOOK_PAUSE_MS = 120;
/** How often a look is taken again because others kept the picture from being fresh. */
const FRESH_ATTEMPTS = 8;

type Search = WindowSearch<Column, MysqlTransaction>;
type Pending = NonNullable<IncrementalCursor["pending"]>;

export interface WindowPorts {
  readonly config: Pick<MysqlConfig, "lagMs" | "cursorTimeZone">;
  readonly runtime: Runtime;
  readonly user: string;
}

/**
 * What a pass may read by cursor: up to a mark once everything that was under way at it has ended (see under-way.ts). For a column of
 * times the mark is the clock; for other values it is the greatest one there is, since whoever took a smaller one was under way.
 *
 * What has not ended within {@link VALUE_WAIT_MS} goes into the cursor with its list: a later pass finds it ended. Reading stops
 * at the mark before, or, for times, five minutes before the oldest transaction's start, whichever is later: no statement is
 * taken to compute or wait for longer than that before it touches a row.
 */
export async function findWindow(search: Search, ports: WindowPorts): Promise<Window> {
  const { cursor, state } = search;
  const kind = toCursorKind(cursor.column.valueType) ?? "value";
  const times = kind === "value" ? null : await toTimes(search, kind, ports);
  const reached = await waitForMark(search, ports, times);
  const { pending, last } = reached;
  let bound = state.provedThrough;
  for (const value of [reached.proved, reached.fallback]) {
    if (value !== null && (await isLater(search, value, bound))) bound = value;
  }
  return {
    bound: bound === null ? null : { value: bound, inclusive: times === null },
    isNewer: bound !== state.provedThrough,
    outside: {
      nulls: cursor.column.nullable,
      from: times === null || last === null ? null : await times.far(last.clockMicros),
    },
    pending,
    notices: last === null ? [] : toNotices(last, pending, ports),
  };
}

function isLater({ within, ...search }: Search, value: string, than: string | null): Promise<boolean> {
  return within((transaction) => isBeyond(transaction, search, value, than));
}

interface Reached {
  /** A mark that is over; null: none is. */
  readonly proved: string | null;
  /** Up to where times are complete whatever is still under way; null: nothing can be said. */
  readonly fallback: string | null;
  readonly pending: Pending | null;
  /** The last look; null: there was nothing to look for. */
  readonly last: Look | null;
}

/** Takes marks, or the one from the cursor, and waits for them a while. */
async function waitForMark(search: Search, ports: WindowPorts, times: Times | null): Promise<Reached> {
  let { pending } = search.state;
  let proved: string | null = null;
  let fallback: string | null = null;
  let isFresh = false;
  let last: Look | null = null;
  for (let waitedMs = 0; ; waitedMs += LOOK_PAUSE_MS) {
    if (pending === null) {
      const greatest =
        times === null ? await search.within((transaction) => readGreatest(transaction, search, null)) : null;
      if (times === null && greatest === null) break;
      last = await lookFresh(search, ports);
      isFresh = true;
      pending = toMark(last, (await times?.bound(last.clockMicros)) ?? greatest ?? "");
      fallback = times === null ? null : await toFallback(last, times);
    } else {
      last = await lookFresh(search, ports);
      pending = settle(pending, last);
    }
    if (last.activity === null && times !== null) {
      // Nothing is waited for where nothing can be seen: times are complete once they are old enough.
      const lag = toBlindLag(last, ports.config.lagMs ?? null);
      return {
        proved,
        pending: null,
        last,
        fallback: lag === null ? null : await times.before(last.clockMicros - lag),
      };
    }
    if (isOver(pending, last, ports)) {
      proved = pending.value;
      pending = null;
      if (isFresh) break;
      continue;
    }
    if (last.activity === null || waitedMs >= VALUE_WAIT_MS) break;
    await ports.runtime.sleep(LOOK_PAUSE_MS, search.signal);
  }
  return { proved, fallback, pending, last };
}

function toMark({ activity, clockMicros }: Look, value: string): Pending {
  const mark = { value, seenAt: toIsoMicros(clockMicros) };
  return activity === null ? mark : { ...mark, open: [...list(activity)] };
}

function settle(pending: Pending, { activity }: Look): Pending {
  return activity === null || !("open" in pending)
    ? pending
    : { ...pending, open: [...remaining(pending.open, activity)] };
}

/** Whether nothing can turn up any more before a mark. */
function isOver(pending: Pending, last: Look, { config }: WindowPorts): boolean {
  if (last.activity !== null && "open" in pending) return pending.open.length === 0;
  const seenAt = fromIsoMicros(pending.seenAt);
  const lag = toBlindLag(last, config.lagMs ?? null);
  return seenAt !== null && lag !== null && last.clockMicros - lag > seenAt;
}

let looks = 0;

async function lookFresh({ within, signal }: Search, { runtime }: WindowPorts): Promise<Look> {
  for (let attempt = 1; ; attempt += 1) {
    looks += 1;
    const mark = `look ${looks} ${Math.floor(runtime.random() * 1e9)}`;
    const seen = await within((transaction) => look(transaction, mark));
    if (seen.basis !== "busy" || attempt === FRESH_ATTEMPTS) return seen;
    await runtime.sleep(LOOK_PAUSE_MS, signal);
  }
}

/** What a mark's own look says of the oldest of all that is under way; null where nothing is. */
async function toFallback({ activity }: Look, times: Times): Promise<string | null> {
  const begun = activity === null ? null : oldest(activity);
  return begun === null ? null : times.bound(begun - BigInt(FALLBACK_LAG_MS) * 1000n);
}

function toNotices(last: Look, pending: Pending | null, ports: WindowPorts): readonly string[] {
  const { activity, basis, clockMicros } = last;
  if (activity === null) {
    const lag = toBlindLag(last, ports.config.lagMs ?? null);
    const why = whyBlind(basis === "transactions" ? "busy" : basis, ports.user);
    return [
      lag === null
        ? `reading waits: ${why}, and it does not say how far behind it is`
        : `reading stays ${Number(lag / 1_000_000n)} s behind: ${why}`,
    ];
  }
  const waiting =
    pending === null ? [] : [`reading waits for what was under way at ${pending.seenAt} before it goes on`];
  return [...waiting, ...whoSince(activity, clockMicros, NOTICE_AFTER_MICROS)];
}

/** Moments as values of the cursor column. */
interface Times {
  /** Below which a mark at this moment is complete. */
  readonly bound: (micros: bigint) => Promise<string>;
  /** The same, without `lagMs`, which is in the moment already. */
  readonly before: (micros: bigint) => Promise<string>;
  /** From where on values are read on every run. */
  readonly far: (clockMicros: bigint) => Promise<string>;
}

/** A datetime or date holds the wall clock of some zone; a timestamp is UTC here, as the session is. */
async function toTimes(search: Search, kind: Exclude<CursorKind, "value">, { config }: WindowPorts): Promise<Times> {
  const rounding = roundingMicros(search.cursor.column.valueType.digits ?? 0);
  const margin = BigInt(config.lagMs ?? 0) * 1000n;
  const zone = kind === "timestamp" ? UTC : await findZone(search, config.cursorTimeZone ?? null);
  const before = async (micros: bigint): Promise<string> => {
    const moment = micros - rounding;
    const offsets = await Promise.all(boundMoments(moment).map(zone));
    return toDatetimeText(toWallClockBound(moment, offsets), kind);
  };
  return {
    before,
    bound: (micros) => before(micros - margin),
    async far(clockMicros) {
      const micros = clockMicros + FAR_AHEAD_MICROS + (kind === "date" ? FAR_AHEAD_MICROS : 0n);
      return toDatetimeText(micros + (await zone(micros)), kind);
    },
  };
}

type Zone = (micros: bigint) => Promise<bigint>;

const UTC: Zone = () => Promise.resolve(0n);

/** @throws ConfigError when there is no such zone. */
async function findZone({ within }: Search, configured: string | null): Promise<Zone> {
  const name = configured ?? (await within(readServerZone));
  if (name === "SYSTEM") {
    // The operating system's zone has no name that can be relied on; the server converts by it.
    return (micros) => within((transaction) => readSystemOffset(transaction, micros));
  }
  const offset = toZoneOffset(name);
  if (offset !== null) return (micros) => Promise.resolve(offset(micros));
  throw new ConfigError(`there is no time zone ${name}`, {
    hint: "Set cursorTimeZone to a zone such as Europe/Vienna or +01:00: the one in which the cursor is written.",
  });
}

export async function readServerZone(transaction: MysqlTransaction): Promise<string> {
  const [row] = await transaction.rows("select @@global.time_zone as zone");
  return row?.["zone"] ?? "SYSTEM";
}

async function readSystemOffset(transaction: MysqlTransaction, micros: bigint): Promise<bigint> {
  const moment = dialect.placeholder(1);
  const [row] = await transaction.rows(
    `select timestampdiff(microsecond, ${moment}, convert_tz(${moment}, '+00:00', 'SYSTEM')) as ahead`,
    [toDatetimeText(micros, "datetime")],
  );
  return BigInt(row?.["ahead"] ?? "0");
}
