export interface Server {
  readonly isMariadb: boolean;
  readonly version: string;
}

/** Modes that change what our statements mean or how values are written. The others belong to the configured query. */
const UNWANTED_MODES: ReadonlySet<string> = new Set([
  "NO_BACKSLASH_ESCAPES", // our literals are escaped with backslashes
  "PAD_CHAR_TO_FULL_LENGTH",
  "NO_ZERO_DATE", // such dates could not be compared with
  "NO_ZERO_IN_DATE",
  "EMPTY_STRING_IS_NULL",
  "TRADITIONAL", // stands for others, these two among them
]);

/**
 * What every session sets, so that values arrive in one spelling whatever the server, the user or a proxy has set. Pure.
 * @param sqlMode the session's own, as the server writes it.
 */
export function toSessionSettings(server: Server, sqlMode: string, statementTimeoutMs: number): readonly string[] {
  const modes = sqlMode.split(",").filter((mode) => mode !== "" && !UNWANTED_MODES.has(mode));
  const lockSeconds = Math.max(1, Math.ceil(statementTimeoutMs / 1000));
  return [
    `set session time_zone = '+00:00', sql_mode = '${modes.join(",")}', sql_select_limit = default, sql_auto_is_null = 0, sql_big_selects = 1, lock_wait_timeout = ${lockSeconds}, max_sort_length = 16384`,
    "set session transaction isolation level repeatable read, read only",
    server.isMariadb
      ? `set session max_statement_time = ${statementTimeoutMs / 1000}`
      : `set session max_execution_time = ${statementTimeoutMs}`,
  ];
}
