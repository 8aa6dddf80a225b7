import { ConfigError } from "@acme/sync-core";
import { z } from "zod";

const MEBIBYTE = 1024 * 1024;
/** Servers' and Node's timers hold no more than this (2^31 - 1 ms, about 24 days). */
const LONGEST_TIMER_MS = 2_147_483_647;

const name = z.string().min(1);
const file = z.string().min(1);
export const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** What the descriptions say of one database. */
export interface ConfigWords {
  readonly url: string;
  readonly port: number;
  /** Who logs in: user or role. */
  readonly user: string;
  readonly password: string;
  readonly table: string;
  readonly cursorTimeZone: string;
  readonly lagMs: string;
}

/** The options that every SQL source has. */
export function sqlFields(words: ConfigWords) {
  return {
    url: z.string().min(1).optional().meta({ secret: true }).describe(words.url),
    host: name.optional().describe("Host name, address, or where the Unix socket is."),
    port: z.int().min(1).max(65_535).optional().describe(`TCP port. Default: ${words.port}.`),
    database: name.optional().describe("Name of the database."),
    user: name.optional().describe(words.user),
    password: z.string().min(1).optional().meta({ secret: true }).describe(words.password),
    table: name.optional().describe(words.table),
    query: name.optional().describe("A select to read instead of a table; it is wrapped as a subquery. Needs key."),
    key: z
      .union([name, z.array(name).min(1).max(32)])
      .optional()
      .describe("Column or columns that identify a row. Default: the primary key, else a unique index without nulls."),
    cursor: name
      .optional()
      .describe(
        "Column that moves whenever a row changes (updated_at, or a number from a sequence). Default: none, and every run compares the whole table.",
      ),
    cursorTimeZone: name.optional().describe(words.cursorTimeZone),
    lagMs: z.int().nonnegative().max(LONGEST_TIMER_MS).optional().describe(words.lagMs),
    statementTimeoutMs: z
      .int()
      .min(1)
      .max(LONGEST_TIMER_MS)
      .default(60_000)
      .describe("How long one statement may take, in milliseconds."),
    connectTimeoutMs: z
      .int()
      .min(1)
      .max(LONGEST_TIMER_MS)
      .optional()
      .describe("How long connecting may take, in milliseconds. Default: 10000."),
    pageRows: z.int().min(1).max(100_000).default(2000).describe("Rows in a page at most."),
    pageBytes: z
      .int()
      .min(1)
      .default(4 * MEBIBYTE)
      .describe("Bytes after which a page ends, whatever its rows; the row that crosses it still belongs to it."),
    sslmode: z
      .enum(SSL_MODES)
      .optional()
      .describe(
        "`require` encrypts without checking who answers; `verify-full` checks issuer and host name. Default: prefer. Goes before the url's.",
      ),
    sslrootcert: file
      .optional()
      .describe("CA file (PEM) for verify-ca and verify-full, or `system` for the authorities that Node brings along."),
    sslcert: file.optional().describe("Client certificate file (PEM)."),
    sslkey: file.optional().describe("Private key file (PEM) of the client certificate."),
  };
}

export type SqlConfig = z.output<z.ZodObject<ReturnType<typeof sqlFields>>>;

/**
 * What no single option can say: which of them go together.
 * @param settle puts url and options together; its ConfigError becomes an issue.
 */
export function checkOptions<Config extends SqlConfig>(
  config: Config,
  report: (path: string, message: string) => void,
  settle: (config: Config) => unknown,
): void {
  const parts = (["host", "port", "database", "user", "password"] as const).filter(
    (part) => config[part] !== undefined,
  );
  if (config.url === undefined) {
    for (const part of ["host", "database", "user"] as const) {
      if (config[part] === undefined) report(part, "set url, or host, database and user");
    }
  } else if (parts.length > 0) {
    report(parts[0] ?? "url", `url already says this: set either url or ${parts.join(", ")}`);
  }
  if (config.table !== undefined && config.query !== undefined) {
    report("query", "set either table or query, not both");
  }
  if (config.query !== undefined && config.key === undefined) {
    report("key", "a query needs key: the columns that identify one of its rows");
  }
  if (Array.isArray(config.key) && new Set(config.key).size < config.key.length) {
    report("key", "a column is named twice");
  }
  if (config.url === undefined && parts.length < 3) return;
  try {
    settle(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    report(
      config.url === undefined ? "sslmode" : "url",
      error.hint === null ? error.message : `${error.message}. ${error.hint}`,
    );
  }
}
