import { FALLBACK_LAG_MS } from "@acme/sql-source";
import type { MysqlTransaction } from "./client.ts";
import { isDenied, isUnknownStatement } from "./errors.ts";
import { dialect } from "./query.ts";
import type { Activity, OpenTransaction, Session } from "./under-way.ts";

/** What a server shows of itself at one moment. */
export interface Look {
  /** Microseconds since the epoch, by the server's clock, before anything else was looked at. */
  readonly clockMicros: bigint;
  /** What others do; null where it cannot be seen. */
  readonly activity: Activity | null;
  /** Why it cannot be seen. */
  readonly basis: "transactions" | "grant" | "busy" | "replica" | "cluster";
  /** How far a replica says that it is behind, in seconds; 0 where it may not be asked; null: it does not know. */
  readonly behindSeconds: number | null;
}

/** Sessions: their numbers, what they run, and since when. A clock of the same statement: no session is read before it. */
const SESSIONS = (isMariadb: boolean): string => `select id as thread, user as who, command as command,
  ${isMariadb ? "query_id" : "floor(unix_timestamp(utc_timestamp())) - time"} as statement,
  ${isMariadb ? "floor(time_ms * 1000)" : "(time + 1) * 1000000"} as ran,
  info is not null as has_text,
  timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) as clock
from information_schema.processlist`;

/**
 * `trx_started` is a wall clock of the server's system zone, in whole seconds. Where that clock has been set back it means
 * the earlier of two moments.
 */
const TRANSACTIONS = `select trx_mysql_thread_id as thread, trx_id as id, trx_started as started,
  trx_is_read_only = 1 or trx_autocommit_non_locking = 1 as harmless,
  timestampdiff(microsecond, '1970-01-01', least(convert_tz(trx_started, 'SYSTEM', '+00:00'),
    convert_tz(trx_started - interval 1 hour, 'SYSTEM', '+00:00') + interval 1 hour)) as since,
  trx_query like concat('%', ${dialect.placeholder(1)}, '%') as fresh
from information_schema.innodb_trx`;

const IDLE_COMMANDS: ReadonlySet<string> = new Set(["Sleep", "Binlog Dump", "Binlog Dump GTID"]);
/** They run statements only when they show one: the event scheduler's, say. */
const BACKGROUND_COMMANDS: ReadonlySet<string> = new Set(["Daemon", "Connect"]);

/**
 * Looks at clock, sessions and transactions, in this order (see under-way.ts). Our own entry among the transactions tells whether the
 * picture was taken for this look.
 * @param mark a text that no other look uses.
 */
export function look(transaction: MysqlTransaction, mark: string): Promise<Look> {
  return transaction.listed(() => lookWhileListed(transaction, mark));
}

async function lookWhileListed(transaction: MysqlTransaction, mark: string): Promise<Look> {
  const sessions = await transaction.rows(SESSIONS(transaction.server.isMariadb));
  const clockMicros = BigInt(sessions[0]?.["clock"] ?? "0");
  const blind = (basis: Look["basis"], behindSeconds: number | null = null): Look => ({
    clockMicros,
    activity: null,
    basis,
    behindSeconds,
  });
  if (await isCluster(transaction)) return blind("cluster");
  const replica = await readReplica(transaction, sessions);
  if (replica !== null) return blind("replica", replica.behindSeconds);
  let transactions;
  try {
    // The mark stands in the statement's own text, where InnoDB shows it as what this transaction does.
    transactions = await transaction.rows(`/* ${mark} */ ${TRANSACTIONS}`, [mark]);
  } catch (error) {
    if (!isDenied(error)) throw error;
    return blind("grant");
  }
  const own = transactions.find((row) => row["thread"] === transaction.thread);
  if (own?.["fresh"] !== "1") return blind("busy");
  const others = transactions.filter((row) => row["thread"] !== transaction.thread);
  return {
    clockMicros,
    basis: "transactions",
    behindSeconds: null,
    activity: {
      sessions: sessions
        .filter((row) => row["thread"] !== transaction.thread && isBusy(row))
        .map(
          (row): Session => ({
            thread: row["thread"] ?? "",
            statement: Number(row["statement"] ?? 0),
            statementSlack: transaction.server.isMariadb ? 0 : 1,
            sinceMicros: clockMicros - BigInt(row["ran"] ?? "0"),
          }),
        ),
      transactions: others.map(
        (row): OpenTransaction => ({
          thread: row["thread"] ?? "0",
          id: row["id"] ?? "0",
          started: row["started"] ?? "",
          sinceMicros: BigInt(row["since"] ?? "0"),
          isHarmless: row["harmless"] === "1",
        }),
      ),
    },
  };
}

type TextRecord = Readonly<Record<string, string | null>>;

function isBusy(row: TextRecord): boolean {
  const command = row["command"] ?? "";
  if (IDLE_COMMANDS.has(command)) return false;
  return !BACKGROUND_COMMANDS.has(command) || row["has_text"] === "1";
}

/**
 * Whether changes come from another server, and how far behind it this one is. The threads that apply them are seen with PROCESS; what
 * they do and whether they are stopped, with the right to see a replica's state.
 */
async function readReplica(
  transaction: MysqlTransaction,
  sessions: readonly TextRecord[],
): Promise<{ readonly behindSeconds: number | null } | null> {
  const status = await readReplicaStatus(transaction);
  if (status !== null && status.length > 0) {
    const behind = status.map((row) => row["Seconds_Behind_Master"] ?? row["Seconds_Behind_Source"] ?? null);
    return {
      behindSeconds: behind.some((seconds) => seconds === null) ? null : Math.max(...behind.map(Number)),
    };
  }
  const applies = sessions.some((row) => row["who"] === "system user" && row["command"] !== "Daemon");
  return applies ? { behindSeconds: 0 } : null;
}

/** @returns null where the user may not see it. */
async function readReplicaStatus(transaction: MysqlTransaction): Promise<readonly TextRecord[] | null> {
  const statements = transaction.server.isMariadb
    ? ["show all slaves status"]
    : ["show replica status", "show slave status"];
  for (const statement of statements) {
    try {
      return await transaction.rows(statement);
    } catch (error) {
      if (isDenied(error)) return null;
      if (!isUnknownStatement(error)) throw error;
    }
  }
  return null;
}

/** Galera: other members' transactions cannot be seen here. */
async function isCluster(transaction: MysqlTransaction): Promise<boolean> {
  const [row] = await transaction.rows("show global status like 'wsrep_cluster_size'");
  return Number(row?.["Value"] ?? 0) > 1;
}

/** How far reading stays behind where nothing can be seen; null: nothing can be said at all. In microseconds. */
export function toBlindLag({ basis, behindSeconds }: Look, lagMs: number | null): bigint | null {
  const lag = BigInt(lagMs ?? FALLBACK_LAG_MS) * 1000n;
  if (basis !== "replica") return lag;
  return behindSeconds === null ? null : lag + BigInt(behindSeconds) * 1_000_000n;
}

/** Why reading stays behind the clock, as the end of a sentence. */
export function whyBlind(basis: Exclude<Look["basis"], "transactions">, user: string): string {
  switch (basis) {
    case "grant":
      return `open transactions of others cannot be seen; \`grant process on *.* to ${user}\` makes reading exact`;
    case "busy":
      return "the list of open transactions was kept from being fresh by others who look at it all the time";
    case "replica":
      return "this server is a replica, where open transactions of its source cannot be seen";
    case "cluster":
      return "this server is one of a cluster, where open transactions of the others cannot be seen";
  }
}
