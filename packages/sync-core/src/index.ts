export type * from "./contracts/batch-event.ts";
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
export type * from "./contracts/run-queue.ts";
export type * from "./contracts/runtime.ts";
export type * from "./contracts/source.ts";
export type * from "./contracts/starter.ts";
export { freeText, sameThing } from "./contracts/starter.ts";
export type * from "./contracts/state.ts";
export type * from "./contracts/state-backend.ts";
export type * from "./contracts/state-transfer.ts";
export { type Cli, type CliOptions, createCli } from "./cli/create-cli.ts";
export { readVersion } from "./cli/read-version.ts";
export { runSourceCli } from "./cli/run-source-cli.ts";
export { findStateOpener, type StateOpener, type StatePlaceOptions } from "./cli/find-state-opener.ts";
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
export { openSqliteRunQueue } from "./state/open-sqlite-run-queue.ts";
export type { SqliteStateOptions } from "./state/open-sqlite-session.ts";
export { openSqliteState } from "./state/open-sqlite-state.ts";
export { formatCount, formatCountOf, formatDuration, formatList, formatShare } from "./cli/human-format.ts";
export { phaseInWords } from "./cli/render-progress.ts";
export { provedInWords } from "./cli/proved-in-words.ts";
export { afterFor, outcomeInWords, receiptDurationMs } from "./cli/receipt-in-words.ts";
