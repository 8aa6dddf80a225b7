export { findFreePort } from "./find-free-port.ts";
export {
  isMariadbInstalled,
  type MariadbOptions,
  type MariadbServer,
  startMariadb,
} from "./start-mariadb.ts";
export { type PostgresOptions, type PostgresServer, startPostgres } from "./start-postgres.ts";
export { narrow, never, onlyStream, readAll, runtime } from "./reading.ts";
