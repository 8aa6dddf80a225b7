import { type Connector, readVersion } from "@acme/sync-core";
import { type PostgresConfig, postgresConfig } from "./config.ts";
import { createPostgresSource } from "./source.ts";
import { postgresStarter } from "./starter.ts";

/** What a configuration means by `connector: postgres`. */
export const postgresConnector: Connector<PostgresConfig> = {
  name: "postgres",
  packageName: "@acme/connector-postgres",
  version: readVersion(import.meta.url),
  config: postgresConfig,
  starter: postgresStarter,
  create: createPostgresSource,
};
