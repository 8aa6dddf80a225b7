import type { Finding } from "@acme/sync-core";
import type { Transaction } from "./client.ts";
import type { ConnectionSettings } from "./config.ts";
import { observe } from "./horizon.ts";
import { quoteIdentifier, toShortName } from "./query.ts";
import type { ReadPlan } from "./read-pages.ts";
import { hidesRows } from "./row-security.ts";
import { hasIndexOn, type Relation } from "./streams.ts";

export interface CheckInput {
  readonly settings: ConnectionSettings;
  readonly lagMs: number | null;
  /** null: only a connection is configured. */
  readonly target: { readonly relation: Relation; readonly plan: ReadPlan } | null;
}

/** PostgreSQL versions that still get fixes begin here (November 2026). */
const OLDEST_SUPPORTED = 15;

/**
 * Looks at everything that a run depends on, without reading rows.
 * @throws whatever the server answers to the page's statement: a missing right, a type that cannot be ordered.
 */
export async function checkSource(transaction: Transaction, input: CheckInput): Promise<readonly Finding[]> {
  const findings = [...(await checkServer(transaction, input)), ...(await checkHorizon(transaction, input))];
  if (input.target === null) {
    findings.push(warning("no table and no query is configured", "Set table; `discover` lists what can be read."));
    return findings;
  }
  return [...findings, ...(await checkTarget(transaction, input.target))];
}

async function checkServer(transaction: Transaction, { settings }: CheckInput): Promise<Finding[]> {
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

async function checkHorizon(transaction: Transaction, { settings, lagMs }: CheckInput): Promise<Finding[]> {
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

async function checkTarget(
  transaction: Transaction,
  { relation, plan }: { readonly relation: Relation; readonly plan: ReadPlan },
): Promise<Finding[]> {
  const { cursor, key } = plan;
  const names = [...new Set([...(cursor === null ? [] : [cursor.column]), ...key].map((column) => column.name))];
  // Plans the page's statement without running it: that checks names, types and rights.
  await transaction.rows(
    `explain select ${(plan.select.length === 0 ? names : plan.select).map(quoteIdentifier).join(", ")} from ${relation.from} order by ${names.map(quoteIdentifier).join(", ")} limit 1`,
  );
  const rows = relation.estimatedRows === null ? "an unknown number of" : `about ${relation.estimatedRows}`;
  const by = cursor === null ? "compared in full on every run" : `read by ${cursor.column.name}`;
  const findings = [
    ok(`${relation.name} has ${rows} rows, identified by (${key.map((column) => column.name).join(", ")}), ${by}`),
  ];
  if (relation.table !== null && ["table", "partitioned table", "materialized view"].includes(relation.table.kind)) {
    if (hasIndexOn(relation, names)) findings.push(ok(`an index begins with (${names.join(", ")})`));
    else {
      findings.push(
        warning(
          `no index begins with (${names.join(", ")}): every page has to look at the whole table`,
          `create index concurrently on ${relation.name} (${names.map(toShortName).join(", ")});`,
        ),
      );
    }
  }
  if (!plan.isKeyProven) {
    findings.push(
      warning(
        `nothing proves that (${key.map((column) => column.name).join(", ")}) identifies a row; a run stops when two rows share it`,
        relation.table === null ? null : "A unique index on not-null columns would prove it.",
      ),
    );
  }
  if (await hidesRows(transaction, relation.from)) {
    findings.push(
      warning(
        `row security hides rows of ${relation.name} from this role: no run proves that it has seen all of them, and with \`deletes: delete\` nothing is deleted for being absent`,
        "If all rows are meant, use a role with bypassrls or add a policy for it.",
      ),
    );
  }
  if (cursor !== null) findings.push(...(await checkCursor(transaction, relation, plan)));
  return findings;
}

async function checkCursor(transaction: Transaction, relation: Relation, plan: ReadPlan): Promise<Finding[]> {
  const { cursor } = plan;
  if (cursor === null) return [];
  const { column } = cursor;
  const name = quoteIdentifier(column.name);
  const findings: Finding[] = [];
  if (column.nullable && relation.table !== null) {
    findings.push(
      warning(
        `${column.name} may be null: such rows are read again on every run`,
        `Fill it and make it not null: alter table ${relation.name} alter ${toShortName(column.name)} set not null;`,
      ),
    );
  }
  if (cursor.kind === "value") {
    if (relation.table !== null) findings.push(...(await checkSequence(transaction, relation.from, column.name)));
    return findings;
  }
  const [future] = await transaction.rows(
    `select count(*)::text as rows from (select 1 from ${relation.from} where ${name} > clock_timestamp() + interval '1 minute' limit 1000) as ahead`,
  );
  const ahead = Number(future?.["rows"] ?? 0);
  if (ahead > 0) {
    findings.push(
      warning(
        `${ahead === 1000 ? "1000 or more" : ahead} rows have a ${column.name} in the future: they are read when it comes, those more than a day ahead on every run`,
        "Correct these dates, or choose another cursor.",
      ),
    );
  }
  return findings;
}

/** A sequence that hands out blocks of numbers to sessions does not hand them out in rising order. */
async function checkSequence(transaction: Transaction, from: string, column: string): Promise<Finding[]> {
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

function ok(message: string): Finding {
  return { level: "ok", message, hint: null };
}

function warning(message: string, hint: string | null): Finding {
  return { level: "warning", message, hint };
}
