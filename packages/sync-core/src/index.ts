export type { Connector } from "./contracts/connector.ts";
export type * from "./contracts/deletions.ts";
export type * from "./contracts/destination.ts";
export { QuotaStop } from "./contracts/destination.ts";
export { AuthError, BugError, ConfigError, RecordError, SyncError, TransientError } from "./contracts/errors.ts";
export type { SyncErrorKind, SyncErrorOptions } from "./contracts/errors.ts";
export type * from "./contracts/job.ts";
export type * from "./contracts/json.ts";
export type * from "./contracts/line.ts";
export type * from "./contracts/mapping.ts";
export type * from "./contracts/progress.ts";
export type * from "./contracts/receipt.ts";
export type * from "./contracts/runtime.ts";
export type * from "./contracts/source.ts";
export type * from "./contracts/starter.ts";
export type * from "./contracts/state.ts";
export { type Cli, type CliOptions, createCli } from "./cli/create-cli.ts";
export { runSourceCli } from "./cli/run-source-cli.ts";
export { createSystemIo } from "./cli/system-io.ts";
export { mappingConfig, type MappingConfig } from "./mapping/mapping-config.ts";
export { type PlanOptions, planSync } from "./line/plan.ts";
export { type RetryOptions, retrySync } from "./line/retry.ts";
export { runSync } from "./line/run-sync.ts";
export { checkSync } from "./line/check.ts";
export { type VerifyOptions, verifySync } from "./line/verify.ts";
export {
  createPersonizeDestination,
  type PersonizeDestination,
  type PersonizeOptions,
} from "./personize/create-personize-destination.ts";
export type { MemorizeItem } from "./personize/requests.ts";
export { createSystemRuntime } from "./cli/system-runtime.ts";
export { openSqliteState, type SqliteStateOptions } from "./state/open-sqlite-state.ts";
