import { createSqlSource } from "@acme/sql-source";
import type { Runtime, Source } from "@acme/sync-core";
import { checkSource } from "./check.ts";
import { createPostgresClient } from "./client.ts";
import { type PostgresConfig, toConnectionSettings } from "./config.ts";
import { toGrant } from "./errors.ts";
import { dialect, toShortName } from "./query.ts";
import { hidesRows } from "./row-security.ts";
import { describeQuery, findTable, listTables } from "./streams.ts";
import { findWindow } from "./window.ts";

/**
 * A source over one table or query of a PostgreSQL database, or over all its tables when neither is configured.
 * Nothing is connected before its first method is called.
 * @throws ConfigError when the configuration contradicts itself.
 */
export function createPostgresSource(config: PostgresConfig, runtime: Runtime): Source {
  const settings = toConnectionSettings(config);
  const { user } = settings;
  return createSqlSource(config, {
    dialect,
    user,
    client: createPostgresClient({ settings, statementTimeoutMs: config.statementTimeoutMs }),
    findTable: (transaction, name) => findTable(transaction, name, user),
    listTables: (transaction) => listTables(transaction, user),
    describeQuery: (transaction, query) => describeQuery(transaction, query, user),
    findWindow: (search) => findWindow(search, { config, runtime, user }),
    async whyIncomplete(transaction, { from, name }) {
      return (await hidesRows(transaction, from))
        ? `row security hides rows of ${name} from ${toShortName(user)}: nothing is proved complete, and rows that are not seen do not count as deleted`
        : null;
    },
    check: (transaction, plan) => checkSource(transaction, { settings, lagMs: config.lagMs ?? null, plan }),
    toGrant: (table) => toGrant(table, user),
  });
}
