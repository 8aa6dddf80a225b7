import { createSqlSource } from "@acme/sql-source";
import type { Runtime, Source } from "@acme/sync-core";
import { checkSource } from "./check.ts";
import { createMysqlClient } from "./client.ts";
import { type MysqlConfig, toConnectionSettings } from "./config.ts";
import { toGrant } from "./errors.ts";
import { dialect } from "./query.ts";
import { type Describing, describeQuery, findTable, listTables } from "./streams.ts";
import { findWindow } from "./window.ts";

/**
 * A source over one table or query of a MySQL or MariaDB server, or over all its tables when neither is configured.
 * Nothing is connected before its first method is called.
 * @throws ConfigError when the configuration contradicts itself.
 */
export function createMysqlSource(config: MysqlConfig, runtime: Runtime): Source {
  const settings = toConnectionSettings(config);
  const { user, database } = settings;
  const describing: Describing = { user, database, options: config };
  return createSqlSource(config, {
    dialect,
    user,
    client: createMysqlClient({ settings, statementTimeoutMs: config.statementTimeoutMs }),
    findTable: (transaction, name) => findTable(transaction, name, describing),
    listTables: (transaction) => listTables(transaction, describing),
    describeQuery: (transaction, query) => describeQuery(transaction, query, describing),
    findWindow: (search) => findWindow(search, { config, runtime, user }),
    // Views may hide rows, which is their purpose; nothing else does.
    whyIncomplete: () => Promise.resolve(null),
    check: (transaction, plan) => checkSource(transaction, { settings, config, plan }),
    toGrant: (table) => toGrant(table, user),
  });
}
