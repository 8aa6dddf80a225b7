import { type Connector, readVersion } from "@acme/sync-core";
import { type MysqlConfig, mysqlConfig } from "./config.ts";
import { createMysqlSource } from "./source.ts";
import { mysqlStarter } from "./starter.ts";

/** What a configuration means by `connector: mysql`. */
export const mysqlConnector: Connector<MysqlConfig> = {
  name: "mysql",
  packageName: "@acme/connector-mysql",
  version: readVersion(import.meta.url),
  config: mysqlConfig,
  starter: mysqlStarter,
  create: createMysqlSource,
};
