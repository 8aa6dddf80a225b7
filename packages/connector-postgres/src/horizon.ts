import { FALLBACK_LAG_MS, NOTICE_AFTER_MICROS, toSecondsText, type Transaction } from "@acme/sql-source";

/**
 * Below which moment everything is known to be committed and visible.
 *
 * **Claim.** Let a row's time be taken from the server's clock within the transaction that writes it (`now()`,
 * `clock_timestamp()`, a default or a trigger). Then every row whose time lies below `micros` and which is not visible to a
 * snapshot taken after {@link observe} returned was never going to be: no transaction that could still write such a row was open
 * or can begin.
 *
 * **Argument.** A transaction's times are not before its `xact_start`. Take any transaction X that a later snapshot does not
 * see. (1) X began after the clock was read: its `xact_start` is not before that reading, and `micros` is not after it. (2) X
 * was open when the activity was read: its `xact_start` is listed and `micros` is not after it. (3) X ended between the reading
 * and the snapshot: the snapshot sees it, so it is no such X; and the server clears `xact_start` only after the commit is
 * visible, so there is no moment at which X is neither listed nor seen. (4) X was prepared: it enters `pg_prepared_xacts` before
 * it leaves the activity, which is why that view is read second. When it began is not recorded; the lag for unseen transactions
 * is taken off the time at which it was prepared.
 *
 * **The gap.** A session fixes the start of its statement an instant before it publishes it. Caught in between it is not listed
 * though its times already count. Sessions that are active without a transaction count from `query_start`, which covers most of
 * that instant; the rest is covered by {@link combine}: the session would have to stand still between two machine
 * instructions for the whole pause between both.
 *
 * **Not covered**, and said in the README: times set by the application or copied from another server (logical replication), a
 * clock of the server that is set back. `lagMs` is for these.
 *
 * **Once a pass.** The claim holds for every snapshot after the observation, so one horizon serves all pages of a pass: a change
 * that arrives meanwhile has a time at or above it and belongs to the next pass. It also makes a pass finite.
 */
export interface Horizon {
  /** Microseconds since the epoch, by the server's clock, before `lagMs` is taken off. */
  readonly micros: bigint;
  readonly clockMicros: bigint;
  /** What the figure rests on. */
  readonly basis: "activity" | "lag" | "standby";
  /** Taken off in any case: `lagMs`, 0 when it is not configured. */
  readonly marginMs: number;
  /** How long a transaction that cannot be seen is taken to last at most: `lagMs`, else {@link FALLBACK_LAG_MS}. */
  readonly unseenLagMs: number;
  /** Sessions of other roles whose transactions are hidden from this one. */
  readonly hiddenSessions: number;
  /** Who has held reads back for more than a minute, in words. */
  readonly notices: readonly string[];
}

/** Settings and functions that exist since PostgreSQL 10. Times as whole microseconds since the epoch. */
const CLOCK = `select (extract(epoch from clock_timestamp()) * 1000000)::bigint::text as clock,
  pg_is_in_recovery()::text as standby`;

const ACTIVITY = `select pid::text as pid, coalesce(application_name, '') as application, coalesce(usename, '') as role,
  (extract(epoch from coalesce(xact_start, query_start)) * 1000000)::bigint::text as since,
  ((backend_type is null and usesysid is not null) or coalesce(state = 'disabled', false))::text as hidden
from pg_stat_activity
where datid = (select oid from pg_database where datname = current_database())
  and pid <> pg_backend_pid()
  and coalesce(backend_type, '') not in ('autovacuum worker', 'walsender', 'parallel worker')
  and (xact_start is not null or state in ('active', 'fastpath function call') or state = 'disabled' or backend_type is null)`;

const PREPARED = `select coalesce(owner, '') as role, (extract(epoch from prepared) * 1000000)::bigint::text as since
from pg_prepared_xacts where database = current_database()`;

/**
 * On a standby nothing is known of the primary's open transactions, only up to which commit it has been replayed. Where none
 * was replayed since the start, the last checkpoint tells as much.
 */
const REPLAYED = `select (extract(epoch from coalesce(pg_last_xact_replay_timestamp(),
  (select checkpoint_time from pg_control_checkpoint()))) * 1000000)::bigint::text as replayed`;

/**
 * Reads clock, activity and prepared transactions, in this order. The transaction must be a fresh one: the server shows one
 * and the same picture of the activity for the whole of a transaction.
 * @param lagMs null: not configured.
 */
export async function observe(transaction: Pick<Transaction, "rows">, lagMs: number | null): Promise<Horizon> {
  const [clock] = await transaction.rows(CLOCK);
  const clockMicros = BigInt(clock?.["clock"] ?? "0");
  const marginMs = lagMs ?? 0;
  const unseenLagMs = lagMs ?? FALLBACK_LAG_MS;
  if (clock?.["standby"] === "true") {
    const [row] = await transaction.rows(REPLAYED);
    const replayed = BigInt(row?.["replayed"] ?? "0");
    const micros = replayed < clockMicros ? replayed : clockMicros;
    const behind = clockMicros - micros > NOTICE_AFTER_MICROS;
    return {
      micros,
      clockMicros,
      basis: "standby",
      marginMs,
      unseenLagMs,
      hiddenSessions: 0,
      notices: behind
        ? [
            `this standby has replayed the primary up to ${toSecondsText(micros)} only; later changes are read by a later run`,
          ]
        : [],
    };
  }
  const sessions = await transaction.rows(ACTIVITY);
  const prepared = await transaction.rows(PREPARED);

  let micros = clockMicros;
  let hiddenSessions = 0;
  const notices: string[] = [];
  const hold = (since: bigint, who: string): void => {
    if (since < micros) micros = since;
    if (clockMicros - since > NOTICE_AFTER_MICROS) {
      notices.push(`reading stays behind: ${who} since ${toSecondsText(since)}`);
    }
  };
  for (const session of sessions) {
    if (session["hidden"] === "true") hiddenSessions += 1;
    if (typeof session["since"] !== "string") continue;
    const application =
      session["application"] === "" ? "no application name" : `application "${session["application"]}"`;
    hold(
      BigInt(session["since"]),
      `session ${session["pid"]} (${application}, role ${session["role"]}) has had a transaction open`,
    );
  }
  for (const transactionRow of prepared) {
    if (typeof transactionRow["since"] !== "string") continue;
    // Prepared transactions count from before their time, by the lag for what cannot be seen.
    const since = BigInt(transactionRow["since"]) - BigInt(unseenLagMs) * 1000n;
    hold(since, `a prepared transaction of role ${transactionRow["role"]} waits for its commit and may have begun`);
  }
  const basis = hiddenSessions === 0 ? "activity" : "lag";
  return { micros, clockMicros, basis, marginMs, unseenLagMs, hiddenSessions, notices };
}

/** The more careful of two observations: what the first was too early to see, the second sees. */
export function combine(first: Horizon, second: Horizon): Horizon {
  const weaker = first.basis === "activity" ? second : first;
  const micros = first.micros < second.micros ? first.micros : second.micros;
  return { ...weaker, micros, notices: second.notices };
}

/** The moment below which everything is committed and visible, after the lag. Microseconds since the epoch. */
export function toSafeMicros(horizon: Horizon): bigint {
  const { micros, clockMicros, basis } = horizon;
  const seen = micros - BigInt(horizon.marginMs) * 1000n;
  if (basis === "activity") return seen;
  const unseen = (basis === "standby" ? micros : clockMicros) - BigInt(horizon.unseenLagMs) * 1000n;
  return unseen < seen ? unseen : seen;
}
