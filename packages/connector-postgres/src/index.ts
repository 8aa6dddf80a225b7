export { type PostgresConfig, postgresConfig } from "./config.ts";
export { postgresConnector } from "./connector.ts";
export { createPostgresSource } from "./source.ts";
