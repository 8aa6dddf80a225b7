export { type MysqlConfig, mysqlConfig } from "./config.ts";
export { mysqlConnector } from "./connector.ts";
export { createMysqlSource } from "./source.ts";
