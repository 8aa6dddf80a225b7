export { findFreePort } from "./find-free-port.ts";
export {
  isMariadbInstalled,
  type MariadbOptions,
  type MariadbServer,
  startMariadb,
} from "./start-mariadb.ts";
export { type PostgresOptions, type PostgresServer, startPostgres } from "./start-postgres.ts";
export { narrow, never, onlyStream, readAll, runtime } from "./reading.ts";
export {
  createReader,
  deletedOf,
  differences,
  heldValues,
  keysOf,
  type Reader,
  rowsOf,
  streamOf,
} from "./reader.ts";
export { createTestRuntime, type TestRuntime } from "./test-runtime.ts";
