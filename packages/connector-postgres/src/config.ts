import { ConfigError } from "@acme/sync-core";
import { z } from "zod";

const MEBIBYTE = 1024 * 1024;
/** PostgreSQL's and Node's timers hold no more than this (2^31 - 1 ms, about 24 days). */
const LONGEST_TIMER_MS = 2_147_483_647;

const name = z.string().min(1);
const file = z.string().min(1);
const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** The `source:` section of a sync that reads PostgreSQL. */
export const postgresConfig = z
  .strictObject({
    url: z
      .string()
      .min(1)
      .optional()
      .meta({ secret: true })
      .describe(
        "postgres://user:password@host:port/database, with sslmode, sslrootcert, sslcert, sslkey, application_name, connect_timeout, channel_binding or options as parameters. Instead of host, port, database, user and password.",
      ),
    host: name.optional().describe("Host name, address, or the directory of a Unix socket."),
    port: z.int().min(1).max(65_535).optional().describe("TCP port. Default: 5432."),
    database: name.optional().describe("Name of the database."),
    user: name.optional().describe("Role to log in as. It needs no more than the right to select."),
    password: z
      .string()
      .min(1)
      .optional()
      .meta({ secret: true })
      .describe("Password of the role. Default: the environment variable PGPASSWORD, if the server asks for one."),
    table: name
      .optional()
      .describe(
        'Table, view, materialized or foreign table to read: customers, public.customers or "My Schema"."My.Table". Without a schema the server\'s search_path decides.',
      ),
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
    cursorTimeZone: name
      .optional()
      .describe(
        "Time zone in which a cursor of type `timestamp` or `date` is written, such as Europe/Vienna. Default: the server's.",
      ),
    lagMs: z
      .int()
      .nonnegative()
      .max(LONGEST_TIMER_MS)
      .optional()
      .describe(
        "Milliseconds to stay behind the oldest open transaction. Default: 0 where open transactions can be seen, 300000 (5 minutes) behind the clock where they cannot.",
      ),
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
        "As libpq: `require` encrypts without checking who answers; `verify-full` checks issuer and host name. Default: prefer. Goes before the url's.",
      ),
    sslrootcert: file
      .optional()
      .describe("CA file (PEM) for verify-ca and verify-full, or `system` for the authorities that Node brings along."),
    sslcert: file.optional().describe("Client certificate file (PEM)."),
    sslkey: file.optional().describe("Private key file (PEM) of the client certificate."),
    applicationName: name
      .max(63)
      .default("acme-sync")
      .describe("What pg_stat_activity shows for this connection. The url's application_name goes before it."),
  })
  .superRefine((config, context) => {
    const issue = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    const parts = (["host", "port", "database", "user", "password"] as const).filter(
      (part) => config[part] !== undefined,
    );
    if (config.url === undefined) {
      for (const part of ["host", "database", "user"] as const) {
        if (config[part] === undefined) issue(part, "set url, or host, database and user");
      }
    } else if (parts.length > 0) {
      issue(parts[0] ?? "url", `url already says this: set either url or ${parts.join(", ")}`);
    }
    if (config.table !== undefined && config.query !== undefined) {
      issue("query", "set either table or query, not both");
    }
    if (config.query !== undefined && config.key === undefined) {
      issue("key", "a query needs key: the columns that identify one of its rows");
    }
    if (Array.isArray(config.key) && new Set(config.key).size < config.key.length) {
      issue("key", "a column is named twice");
    }
    if (config.url !== undefined || parts.length >= 3) {
      try {
        toConnectionSettings(config);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        issue(
          config.url === undefined ? "sslmode" : "url",
          error.hint === null ? error.message : `${error.message}. ${error.hint}`,
        );
      }
    }
  });

export type PostgresConfig = z.output<typeof postgresConfig>;

/** How to reach the server, after url, options and defaults have been put together. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** null: none is configured; the driver looks at PGPASSWORD and ~/.pgpass. */
  readonly password: string | null;
  readonly sslmode: SslMode;
  /** Path of the CA file; "system": Node's own list; null: none given. */
  readonly sslrootcert: string | null;
  readonly sslcert: string | null;
  readonly sslkey: string | null;
  readonly channelBinding: "disable" | "prefer" | "require";
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** Command-line options for the session, as libpq has them; null: none. Poolers refuse them. */
  readonly options: string | null;
}

type ConnectionOptions = Pick<
  PostgresConfig,
  | "url"
  | "host"
  | "port"
  | "database"
  | "user"
  | "password"
  | "sslmode"
  | "sslrootcert"
  | "sslcert"
  | "sslkey"
  | "applicationName"
  | "connectTimeoutMs"
>;

/** Parameters of a url that change nothing for us, by the values that may stand there. */
const HARMLESS: Readonly<Record<string, RegExp>> = {
  uselibpqcompat: /./,
  gssencmode: /^(?:disable|prefer)$/,
  target_session_attrs: /^(?:any|prefer-standby)$/,
  load_balance_hosts: /^disable$/,
  keepalives: /^[01]$/,
  keepalives_idle: /^\d+$/,
  keepalives_interval: /^\d+$/,
  keepalives_count: /^\d+$/,
  client_encoding: /^(?:utf-?8|auto)$/i,
};

const KNOWN_PARAMETERS: ReadonlySet<string> = new Set([
  "sslmode",
  "ssl",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "application_name",
  "connect_timeout",
  "channel_binding",
  "options",
  "host",
  "port",
  "user",
  "password",
  "dbname",
]);

/**
 * Puts url, options and defaults together with the meaning that libpq gives them. The driver's own reading of urls is not
 * used: it takes `sslmode=require` for `verify-full`, and prints a warning.
 * @throws ConfigError without the url in its message.
 */
export function toConnectionSettings(config: ConnectionOptions): ConnectionSettings {
  const url = config.url === undefined ? null : parseUrl(config.url);
  const parameter = (key: string): string | null => url?.parameters.get(key) ?? null;
  const host = config.host ?? url?.host ?? "";
  const user = config.user ?? url?.user ?? "";
  const database = config.database ?? url?.database ?? "";
  const missing = [host === "" ? "host" : "", database === "" ? "database" : "", user === "" ? "user" : ""].filter(
    Boolean,
  );
  if (missing.length > 0) {
    throw new ConfigError(`url names no ${missing.join(" and no ")}`, {
      hint: "Write it as postgres://user:password@host:5432/database.",
    });
  }
  const sslrootcert = config.sslrootcert ?? parameter("sslrootcert");
  const sslmode =
    config.sslmode ?? urlSslMode(url?.parameters ?? new Map()) ?? (sslrootcert === "system" ? "verify-full" : "prefer");
  if (sslrootcert === "system" && sslmode !== "verify-full") {
    throw new ConfigError(`sslrootcert: system goes with sslmode: verify-full only, not ${sslmode}`, {
      hint: "Anyone can get a certificate from a public authority; only the host name tells servers apart.",
    });
  }
  if (sslmode === "verify-ca" && sslrootcert === null) {
    throw new ConfigError("sslmode verify-ca needs sslrootcert, the CA file to check against", {
      hint: "Set sslrootcert, or use verify-full with the authorities that Node brings along.",
    });
  }
  const sslcert = config.sslcert ?? parameter("sslcert");
  const sslkey = config.sslkey ?? parameter("sslkey");
  if ((sslcert === null) !== (sslkey === null)) {
    throw new ConfigError("a client certificate needs both sslcert and sslkey", { hint: "Set the missing one." });
  }
  const timeoutSeconds = parameter("connect_timeout");
  return {
    host,
    port: config.port ?? url?.port ?? 5432,
    database,
    user,
    password: config.password ?? url?.password ?? null,
    sslmode,
    sslrootcert,
    sslcert,
    sslkey,
    channelBinding: urlChannelBinding(parameter("channel_binding")),
    applicationName: parameter("application_name") ?? config.applicationName,
    connectTimeoutMs: config.connectTimeoutMs ?? (timeoutSeconds === null ? 10_000 : toTimeoutMs(timeoutSeconds)),
    options: parameter("options"),
  };
}

interface ParsedUrl {
  readonly host: string;
  readonly port: number | null;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly parameters: ReadonlyMap<string, string>;
}

const ENCODE_HINT =
  "Write it as postgres://user:password@host:5432/database, and percent-encode special characters in user and password (@ as %40, # as %23, / as %2F).";

function parseUrl(text: string): ParsedUrl {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) {
    throw new ConfigError("url does not start with postgres://", { hint: ENCODE_HINT });
  }
  let url: URL;
  const withoutHost = /^[^/]*\/\/(?:[^/?#]*@)?(?=[/?]|$)/.test(text);
  try {
    // The URL class wants a host behind credentials; libpq does not (the host may be a parameter).
    url = new URL(withoutHost ? text.replace(/^([^/]*\/\/(?:[^/?#]*@)?)/, "$1placeholder") : text);
  } catch {
    // The error of URL holds the whole text, password and all: it ends here.
    throw new ConfigError("url cannot be read", {
      hint: /^[^/]*\/\/(?:[^@/]*@)?[^/?]*,/.test(text) ? "Name one host; several are not supported." : ENCODE_HINT,
    });
  }
  if (url.hash !== "") throw new ConfigError("url has a # in it", { hint: ENCODE_HINT });
  const parameters = new Map<string, string>();
  for (const [key, value] of url.searchParams) {
    if (parameters.has(key))
      throw new ConfigError(`url has the parameter ${key} twice`, { hint: "Remove one of them." });
    if (!KNOWN_PARAMETERS.has(key) && HARMLESS[key]?.test(value) !== true) {
      throw new ConfigError(`url has the parameter ${toPrintable(key)}, which this connector does not follow`, {
        hint: `Remove it. Known are ${[...KNOWN_PARAMETERS].join(", ")}.`,
      });
    }
    parameters.set(key, value);
  }
  const hostname = withoutHost ? "" : decode(url.hostname).replace(/^\[(.*)\]$/, "$1");
  if ((parameters.get("host") ?? hostname).includes(",")) {
    throw new ConfigError("url names several hosts", { hint: "Name one host; several are not supported." });
  }
  const port = parameters.get("port") ?? url.port;
  if (port !== "" && !/^\d{1,5}$/.test(port))
    throw new ConfigError("url has a port that is not a number", { hint: ENCODE_HINT });
  const password = parameters.get("password") ?? decode(url.password);
  return {
    host: parameters.get("host") ?? hostname,
    port: port === "" ? null : Number(port),
    database: parameters.get("dbname") ?? decode(url.pathname.slice(1)),
    user: parameters.get("user") ?? decode(url.username),
    password: password === "" ? null : password,
    parameters,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("url has a % that is not followed by two hexadecimal digits", { hint: ENCODE_HINT });
  }
}

/** A parameter's name as it may stand in a message: part of a password could end up there when an & was not encoded. */
function toPrintable(key: string): string {
  return /^[a-z_]{1,40}$/i.test(key) ? key : "(unreadable name)";
}

function urlSslMode(parameters: ReadonlyMap<string, string>): SslMode | null {
  const mode = parameters.get("sslmode");
  if (mode === undefined) {
    const ssl = parameters.get("ssl");
    if (ssl === undefined) return null;
    if (ssl === "true" || ssl === "1") return "require";
    if (ssl === "false" || ssl === "0") return "disable";
    throw new ConfigError("url has a parameter ssl that is neither true nor false", { hint: "Use sslmode instead." });
  }
  const known = SSL_MODES.find((candidate) => candidate === mode);
  if (known !== undefined) return known;
  throw new ConfigError("url has an unknown sslmode", {
    hint: `Use one of ${SSL_MODES.join(", ")}; what node-postgres calls no-verify is require.`,
  });
}

function urlChannelBinding(value: string | null): "disable" | "prefer" | "require" {
  if (value === null || value === "prefer") return "prefer";
  if (value === "disable" || value === "require") return value;
  throw new ConfigError("url has an unknown channel_binding", { hint: "Use disable, prefer or require." });
}

/** libpq counts connect_timeout in seconds; 0 means no limit, which a run must not have. */
function toTimeoutMs(seconds: string): number {
  const value = Number(seconds);
  if (!Number.isInteger(value) || value < 0 || value > 86_400) {
    throw new ConfigError("url has a connect_timeout that is not a number of seconds", { hint: "For example 10." });
  }
  return value === 0 ? 10_000 : value * 1000;
}
