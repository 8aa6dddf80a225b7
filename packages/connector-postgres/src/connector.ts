import type { Connector } from "@acme/sync-core";
import { type PostgresConfig, postgresConfig } from "./config.ts";
import { createPostgresSource } from "./source.ts";
import { postgresStarter } from "./starter.ts";
import { readVersion } from "./version.ts";

/** What a configuration means by `connector: postgres`. */
export const postgresConnector: Connector<PostgresConfig> = {
  name: "postgres",
  packageName: "@acme/connector-postgres",
  version: readVersion(),
  config: postgresConfig,
  starter: postgresStarter,
  create: createPostgresSource,
};
