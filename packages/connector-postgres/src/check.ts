import { checkPlan, NO_TABLE, ok, type ReadPlan, warning } from "@acme/sql-source";
import type { Finding } from "@acme/sync-core";
import type { PostgresTransaction } from "./client.ts";
import type { PostgresSettings } from "./config.ts";
import { toCursorKind } from "./cursor.ts";
import { observe } from "./horizon.ts";
import { toShortName } from "./query.ts";
import { hidesRows } from "./row-security.ts";
import type { Column } from "./streams.ts";

export interface CheckInput {
  readonly settings: PostgresSettings;
  readonly lagMs: number | null;
  /** null: only a connection is configured. */
  readonly plan: ReadPlan<Column> | null;
}

/** PostgreSQL versions that still get fixes begin here (November 2026). */
const OLDEST_SUPPORTED = 15;

/** Looks at everything that a run depends on, without reading rows. */
export async function checkSource(transaction: PostgresTransaction, input: CheckInput): Promise<readonly Finding[]> {
  const { plan } = input;
  const findings = [...(await checkServer(transaction, input)), ...(await checkHorizon(transaction, input))];
  return plan === null ? [...findings, NO_TABLE] : [...findings, ...(await checkTable(transaction, plan))];
}

async function checkServer(transaction: PostgresTransaction, { settings }: CheckInput): Promise<Finding[]> {
  const [row] = await transaction.rows(`select current_setting('server_version') as version,
    current_setting('server_version_num') as number, current_setting('transaction_read_only') as read_only,
    current_setting('server_encoding') as encoding, current_database() as database, current_user as role,
    (select count(*) from pg_stat_subscription)::text as subscriptions`);
  const version = row?.["version"] ?? "?";
  const findings = [
    ok(
      `PostgreSQL ${version} answers at ${settings.host}:${settings.port}, database ${row?.["database"]}, role ${row?.["role"]}`,
    ),
    row?.["read_only"] === "on"
      ? ok("every read runs in a read-only transaction")
      : warning("the server did not make the transaction read-only", "Use a role without the right to write."),
  ];
  if (Number(row?.["number"] ?? 0) < OLDEST_SUPPORTED * 10_000) {
    findings.push(
      warning(`PostgreSQL ${version} no longer gets fixes`, `Move to version ${OLDEST_SUPPORTED} or newer.`),
    );
  }
  if (row?.["encoding"] === "SQL_ASCII") {
    findings.push(
      warning(
        "the database's encoding is SQL_ASCII: bytes that are not UTF-8 would be read as replacement characters",
        "Move the data to a database in UTF8.",
      ),
    );
  }
  if (Number(row?.["subscriptions"] ?? 0) > 0) {
    findings.push(
      warning(
        "this database subscribes to another one: rows that arrive by logical replication carry the other server's times",
        "Set lagMs to more than the replication's greatest delay, or read from the other server.",
      ),
    );
  }
  return findings;
}

async function checkHorizon(transaction: PostgresTransaction, { settings, lagMs }: CheckInput): Promise<Finding[]> {
  const horizon = await observe(transaction, lagMs);
  const lag = `${horizon.unseenLagMs / 1000} s`;
  const held = horizon.notices.map((notice) => warning(notice, "It passes when that transaction ends."));
  switch (horizon.basis) {
    case "activity":
      return [
        ok("open transactions of others can be seen: changes are read up to the oldest of them, and none is lost"),
        ...held,
      ];
    case "lag":
      return [
        warning(
          `${horizon.hiddenSessions} sessions of other roles hide their transactions: changes are read up to ${lag} ago, and a transaction that stays open longer could be missed`,
          `Run grant pg_read_all_stats to ${toShortName(settings.user)}; then reading is exact and fresh.`,
        ),
        ...held,
      ];
    case "standby":
      return [
        warning(
          `this server is a standby, where open transactions cannot be seen: changes are read up to ${lag} before what it has replayed, and a transaction that stays open longer could be missed`,
          "Read from the primary, or set lagMs to the length of the longest transaction.",
        ),
        ...held,
      ];
  }
}

async function checkTable(transaction: PostgresTransaction, plan: ReadPlan<Column>): Promise<Finding[]> {
  const { cursor, relation } = plan;
  const isValue = cursor !== null && toCursorKind(cursor.column.valueType, cursor.column.baseOid) === "value";
  const findings = await checkPlan(transaction, plan, {
    createIndex: (columns) => `create index concurrently on ${relation.name} (${columns.map(toShortName).join(", ")});`,
    setNotNull: (column) => `alter table ${relation.name} alter ${toShortName(column)} set not null;`,
    isAhead: cursor === null || isValue ? null : `${cursor.column.term.sql} > clock_timestamp() + interval '1 minute'`,
  });
  if (await hidesRows(transaction, relation.from)) {
    findings.push(
      warning(
        `row security hides rows of ${relation.name} from this role: no run proves that it has seen all of them, and with \`deletes: delete\` nothing is deleted for being absent`,
        "If all rows are meant, use a role with bypassrls or add a policy for it.",
      ),
    );
  }
  if (isValue && relation.table !== null) {
    findings.push(...(await checkSequence(transaction, relation.from, cursor.column.name)));
  }
  return findings;
}

/** A sequence that hands out blocks of numbers to sessions does not hand them out in rising order. */
async function checkSequence(transaction: PostgresTransaction, from: string, column: string): Promise<Finding[]> {
  const [row] = await transaction.rows(
    "select seqcache::text as cache from pg_sequence where seqrelid = pg_get_serial_sequence($1, $2)::regclass",
    [from, column],
  );
  if (row === undefined) {
    return [
      warning(
        `${column} has no sequence of its own: reading is complete only if the database assigns its values in rising order`,
        "Use a column with a sequence or a timestamp that a trigger sets.",
      ),
    ];
  }
  return Number(row["cache"] ?? 1) > 1
    ? [
        warning(
          `the sequence of ${column} gives each session a block of ${row["cache"]} numbers, so they do not rise with time`,
          "alter sequence … cache 1, or choose another cursor.",
        ),
      ]
    : [];
}
