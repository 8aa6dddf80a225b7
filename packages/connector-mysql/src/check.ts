import { checkPlan, NO_TABLE, ok, type ReadPlan, toSecondsText, warning } from "@acme/sql-source";
import type { Finding } from "@acme/sync-core";
import type { MysqlTransaction } from "./client.ts";
import type { MysqlConfig, MysqlSettings } from "./config.ts";
import { toCursorKind } from "./cursor.ts";
import { type Look, look, toBlindLag, whyBlind } from "./look.ts";
import { toShortName } from "./query.ts";
import type { Column } from "./streams.ts";
import { whoSince } from "./under-way.ts";
import { readServerZone } from "./window.ts";

export interface CheckInput {
  readonly settings: MysqlSettings;
  readonly config: Pick<MysqlConfig, "lagMs" | "cursorTimeZone">;
  /** null: only a connection is configured. */
  readonly plan: ReadPlan<Column> | null;
}

const HELD_MICROS = 60_000_000n;

/** Looks at everything that a run depends on, without reading rows. */
export async function checkSource(transaction: MysqlTransaction, input: CheckInput): Promise<readonly Finding[]> {
  const { plan } = input;
  const findings = [...(await checkServer(transaction, input)), ...(await checkLook(transaction, input))];
  return plan === null ? [...findings, NO_TABLE] : [...findings, ...(await checkTable(transaction, plan, input))];
}

async function checkServer(transaction: MysqlTransaction, { settings }: CheckInput): Promise<Finding[]> {
  const { isMariadb, version } = transaction.server;
  const [row] = await transaction.rows("select database() as db, current_user() as who");
  const [tls] = await transaction.rows("show session status like 'Ssl_cipher'");
  const isEncrypted = (tls?.["Value"] ?? "") !== "";
  const at = settings.isSocket ? settings.host : `${settings.host}:${settings.port}`;
  return [
    ok(
      `${isMariadb ? "MariaDB" : "MySQL"} ${version} answers at ${at}, database ${row?.["db"]}, user ${row?.["who"]}, ${isEncrypted ? "encrypted" : "not encrypted"}`,
    ),
    ok("every read runs in a read-only transaction"),
  ];
}

async function checkLook(transaction: MysqlTransaction, { settings, config }: CheckInput): Promise<Finding[]> {
  const seen = await look(transaction, `check of ${settings.applicationName} ${transaction.thread}`);
  const { activity, basis, clockMicros } = seen;
  if (activity !== null) {
    return [
      ok("open transactions of others can be seen: changes are read up to what is under way, and none is lost"),
      ...whoSince(activity, clockMicros, HELD_MICROS).map((notice) =>
        warning(notice, "It passes when that transaction ends."),
      ),
    ];
  }
  // Another look within the last 100 ms says nothing about the right to look.
  if (basis === "busy") return [ok("open transactions of others can be seen")];
  return [toBlindFinding(seen, config.lagMs ?? null, settings.user)];
}

function toBlindFinding(seen: Look, lagMs: number | null, user: string): Finding {
  const lag = toBlindLag(seen, lagMs);
  const why = whyBlind(seen.basis === "transactions" ? "busy" : seen.basis, user);
  if (lag === null) {
    return warning(
      `${why}, and how far it is behind cannot be seen: nothing is read by cursor`,
      "Start replication, or grant the right to see its state (slave monitor, replication client).",
    );
  }
  return warning(
    `${why}: changes are read up to ${Number(lag / 1_000_000n)} s before ${toSecondsText(seen.clockMicros)}, and what stays open longer could be missed`,
    seen.basis === "grant"
      ? `Run grant process on *.* to ${user}; then reading is exact and fresh.`
      : "Read from the server that is written to, or set lagMs to the length of the longest transaction.",
  );
}

async function checkTable(
  transaction: MysqlTransaction,
  plan: ReadPlan<Column>,
  { config }: CheckInput,
): Promise<Finding[]> {
  const { cursor, relation } = plan;
  const kind = cursor === null ? null : toCursorKind(cursor.column.valueType);
  const isTime = kind !== null && kind !== "value";
  const isLocal = kind === "datetime" || kind === "date";
  const zone = isLocal ? (config.cursorTimeZone ?? (await readServerZone(transaction))) : null;
  const findings = await checkPlan(transaction, plan, {
    createIndex: (columns) =>
      `create index ${toShortName(`${columns[0]}_sync`)} on ${relation.name} (${columns.map(toShortName).join(", ")});`,
    setNotNull: (column) => `alter table ${relation.name} modify ${toShortName(column)} … not null;`,
    // A day covers every zone; whoever dates rows ahead does so by more.
    isAhead:
      cursor === null || !isTime
        ? null
        : `${cursor.column.term.sql} > utc_timestamp() + interval ${isLocal ? "1 day" : "1 minute"}`,
  });
  if (zone !== null && cursor !== null) {
    const message = `${cursor.column.name} has no time zone of its own: its values are taken for wall-clock times of ${zone === "SYSTEM" ? "the server's system zone" : zone}`;
    findings.push(
      config.cursorTimeZone === undefined
        ? warning(
            `${message}, the server's setting`,
            "Set cursorTimeZone to the zone in which the application writes it.",
          )
        : ok(message),
    );
  }
  return findings;
}
