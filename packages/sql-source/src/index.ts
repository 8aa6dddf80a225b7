export { checkPlan, type CheckWords, NO_TABLE } from "./check-plan.ts";
export {
  codeOf,
  ConnectionProblem,
  type ErrorContext,
  isNetworkCode,
  isTlsCode,
  lost,
  type ServerWords,
  statementTimedOut,
  toConnectionError,
  triesToWrite,
  unexpected,
} from "./connection-errors.ts";
export {
  type ConnectionOptions,
  type ConnectionSettings,
  mergeSettings,
  type TlsSettings,
  toTimeoutMs,
  urlSslMode,
} from "./connection-settings.ts";
export { type ConnectionUrl, parseConnectionUrl, type UrlRules } from "./connection-url.ts";
export { type ClientPorts, type Connection, createClient } from "./create-client.ts";
export { createSqlSource, type SqlDatabase } from "./create-sql-source.ts";
export {
  type CursorTarget,
  type FullCursor,
  fromIsoMicros,
  fromRowKey,
  type IncrementalCursor,
  parseFullCursor,
  parseIncrementalCursor,
  roundingMicros,
  toIsoMicros,
  toRowKey,
} from "./cursor.ts";
export { toExactJson, toNumber } from "./exact-json.ts";
export { ok, warning } from "./finding.ts";
export { type CursorPlan, keyNames, planRead, type ReadPlan } from "./read-plan.ts";
export {
  type Column,
  type Converter,
  findKey,
  hasIndexOn,
  type Index,
  QUERY_STREAM,
  refuseTwoOfAName,
  type Relation,
  whyUnnameable,
} from "./relation.ts";
export { checkOptions, type ConfigWords, type SqlConfig, sqlFields, type SslMode } from "./sql-config.ts";
export * from "./statements.ts";
export { type NamePart, parseTableName, type TableName } from "./table-name.ts";
export { readPem, toTlsOptions } from "./tls-options.ts";
export { toSqlStarter } from "./to-sql-starter.ts";
export type { PageLimits, SqlClient, Subject, TextPage, TextRow, Transaction } from "./transaction.ts";
export * from "./window.ts";
