import {
  FAR_AHEAD_MICROS,
  fromIsoMicros,
  type IncrementalCursor,
  isBeyond,
  readGreatest,
  roundingMicros,
  toIsoMicros,
  VALUE_WAIT_MS,
  type Window,
  type WindowSearch,
} from "@acme/sql-source";
import type { Runtime } from "@acme/sync-core";
import type { PostgresTransaction } from "./client.ts";
import type { PostgresConfig } from "./config.ts";
import { type CursorKind, toCursorKind } from "./cursor.ts";
import { combine, type Horizon, observe, toSafeMicros } from "./horizon.ts";
import { cursorBounds, toShortName } from "./query.ts";
import type { Column } from "./streams.ts";

/** Pause between the two looks at the open transactions; see horizon.ts. */
const OBSERVATION_PAUSE_MS = 25;
const VALUE_WAIT_STEP_MS = 50;

type Search = WindowSearch<Column, PostgresTransaction>;

export interface WindowPorts {
  readonly config: Pick<PostgresConfig, "lagMs" | "cursorTimeZone">;
  readonly runtime: Runtime;
  readonly user: string;
}

/** What a pass may read by cursor: up to where nothing can turn up any more. */
export function findWindow(search: Search, ports: WindowPorts): Promise<Window> {
  const { valueType, baseOid } = search.cursor.column;
  const kind = toCursorKind(valueType, baseOid) ?? "value";
  return kind === "value" ? findValueWindow(search, ports) : findTimeWindow(search, kind, ports);
}

/** A transaction of its own: within one, the server shows the same picture of the activity again and again. */
function look({ within }: Search, { config }: WindowPorts): Promise<Horizon> {
  return within((transaction) => observe(transaction, config.lagMs ?? null));
}

/** Says why reads stay behind the clock, where it is not a transaction that can be named. */
function toNotices(horizon: Horizon, user: string): readonly string[] {
  if (horizon.basis === "activity") return horizon.notices;
  const why =
    horizon.basis === "standby"
      ? "this server is a standby, where open transactions cannot be seen"
      : `${horizon.hiddenSessions} sessions of other roles hide their transactions; \`grant pg_read_all_stats to ${toShortName(user)}\` makes reading exact`;
  return [`reading stays ${Math.round(horizon.unseenLagMs / 1000)} s behind: ${why}`, ...horizon.notices];
}

/**
 * The window of a column of times: everything below the horizon, less what the column rounds off.
 *
 * A `timestamp` or `date` holds the wall clock of some zone. Where that zone sets its clock back an hour, times come
 * around again: during the hour before, the bound already stays an hour behind, so that it never passes a time that can still
 * be written.
 */
async function findTimeWindow(search: Search, kind: Exclude<CursorKind, "value">, ports: WindowPorts): Promise<Window> {
  const { cursor, state, signal, within } = search;
  const first = await look(search, ports);
  await ports.runtime.sleep(OBSERVATION_PAUSE_MS, signal);
  const horizon = combine(first, await look(search, ports));
  const boundMicros = toSafeMicros(horizon) - roundingMicros(cursor.column.precision);
  const farMicros = horizon.clockMicros + FAR_AHEAD_MICROS;
  const row = await within(async (transaction) => {
    const zone = ports.config.cursorTimeZone ?? (kind === "timestamptz" ? "UTC" : await readServerZone(transaction));
    const values = [toIsoMicros(boundMicros), toIsoMicros(farMicros), state.provedThrough ?? "-infinity", zone];
    const [only] = await transaction.rows(cursorBounds(kind), values);
    return only;
  });
  return {
    bound: { value: row?.["bound"] ?? "-infinity", inclusive: false },
    isNewer: row?.["newer"] === "true",
    outside: { nulls: cursor.column.nullable, from: row?.["far"] ?? "infinity" },
    pending: null,
    notices: toNotices(horizon, ports.user),
  };
}

async function readServerZone(transaction: PostgresTransaction): Promise<string> {
  // The transaction itself runs in UTC; what sessions start with is the reset value.
  const [row] = await transaction.rows("select reset_val from pg_settings where name = 'TimeZone'");
  return row?.["reset_val"] ?? "UTC";
}

/**
 * The window of a column that is no time: a value v is complete once every transaction that may have taken a smaller one has
 * ended. The greatest visible value is read first and the clock after it; whoever took a smaller value had begun before
 * that moment, since values are handed out in rising order. So v is safe as soon as the horizon has passed the moment.
 *
 * When that does not happen within {@link VALUE_WAIT_MS}, reading stops at the value proved last, and the pair goes into
 * the cursor: a later run finds it safe. An old pair is kept until then, for a newer one would take longer.
 */
async function findValueWindow(search: Search, ports: WindowPorts): Promise<Window> {
  const { cursor, state, signal, within } = search;
  const endless = hasInfinity(cursor.column) ? "Infinity" : null;
  let { pending } = state;
  let proved: string | null = null;
  let isFresh = false;
  let waitedMs = 0;
  let horizon: Horizon | null = null;
  for (;;) {
    if (pending === null) {
      pending = await within((transaction) => readPending(transaction, search, endless));
      isFresh = true;
      if (pending === null) break;
    }
    horizon = await look(search, ports);
    const seenAt = fromIsoMicros(pending.seenAt);
    if (seenAt === null || toSafeMicros(horizon) > seenAt) {
      if (seenAt !== null) proved = pending.value;
      pending = null;
      if (isFresh) break;
      continue;
    }
    if (waitedMs >= VALUE_WAIT_MS) break;
    await ports.runtime.sleep(VALUE_WAIT_STEP_MS, signal);
    waitedMs += VALUE_WAIT_STEP_MS;
  }
  const value = proved ?? state.provedThrough;
  const isNewer =
    value !== null && (await within((transaction) => isBeyond(transaction, search, value, state.provedThrough)));
  const waiting =
    pending === null
      ? []
      : [
          `reading waits for transactions that were open at ${pending.seenAt} before it goes on in ${cursor.column.name}`,
        ];
  return {
    bound: value === null ? null : { value, inclusive: true },
    isNewer,
    outside: { nulls: cursor.column.nullable, from: endless },
    pending,
    notices: [...waiting, ...(horizon === null ? [] : toNotices(horizon, ports.user))],
  };
}

/** Floating-point and numeric columns hold infinities and NaN, behind which nothing could ever be read. */
function hasInfinity(column: Column): boolean {
  return column.valueType.kind === "decimal" || column.baseOid === "700" || column.baseOid === "701";
}

async function readPending(
  transaction: PostgresTransaction,
  search: Search,
  below: string | null,
): Promise<IncrementalCursor["pending"]> {
  const value = await readGreatest(transaction, search, below);
  if (value === null) return null;
  // The clock is read after the value, by a statement of its own: see above why it must not be before.
  const [clock] = await transaction.rows(
    "select (extract(epoch from clock_timestamp()) * 1000000)::bigint::text as micros",
  );
  return { value, seenAt: toIsoMicros(BigInt(clock?.["micros"] ?? "0")) };
}
