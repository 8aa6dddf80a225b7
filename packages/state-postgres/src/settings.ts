import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { ConfigError } from "@acme/sync-core";

/** How to reach the server, and which of its schemas holds the state. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** null: the driver looks at PGPASSWORD and ~/.pgpass. */
  readonly password: string | null;
  /** false: never; null: where the server offers it, without checking who answers. */
  readonly tls: ConnectionOptions | false | null;
  readonly sslmode: SslMode;
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  readonly schema: string;
  /** Connections at once. */
  readonly poolSize: number;
  /** For messages: without user, password and files. */
  readonly location: string;
}

const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
type SslMode = (typeof SSL_MODES)[number];

const DEFAULT_SCHEMA = "acme_sync";
/** A name that every PostgreSQL can hold; it is quoted wherever it is used. */
const SCHEMA_NAME = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/;
const DEFAULT_POOL_SIZE = 5;

/** Parameters of a URL, as libpq and hosting providers write them; those with a pattern change nothing for us. */
const PARAMETERS: Readonly<Record<string, RegExp | null>> = {
  schema: null,
  pool_size: null,
  sslmode: null,
  sslrootcert: null,
  sslcert: null,
  sslkey: null,
  application_name: null,
  connect_timeout: null,
  host: null,
  uselibpqcompat: /./,
  // Used wherever the server offers it.
  channel_binding: /^(?:disable|prefer|require)$/,
  gssencmode: /^(?:disable|prefer)$/,
  target_session_attrs: /^(?:any|read-write|primary)$/,
  keepalives: /^[01]$/,
  keepalives_idle: /^\d+$/,
  client_encoding: /^(?:utf-?8|auto)$/i,
};

/**
 * Reads `postgres://user:password@host:port/database?schema=…` with the meaning that libpq gives it.
 * @throws ConfigError. No message repeats the URL.
 */
export function toSettings(text: string): Settings {
  const url = parseUrl(text);
  const parameter = (name: string): string | null => url.searchParams.get(name);
  for (const [name, value] of url.searchParams) {
    const harmless = PARAMETERS[name];
    if (harmless === undefined || (harmless !== null && !harmless.test(value)))
      throw refused(
        `the parameter ${JSON.stringify(name)} ${harmless === undefined ? "is not known" : "has a value that is not"}`,
      );
  }
  const named = url.hostname === NO_HOST ? "" : decode(url.hostname.replace(/^\[(.*)\]$/, "$1"), "host");
  const host = parameter("host") ?? named;
  const database = decode(url.pathname.slice(1), "database");
  const user = decode(url.username, "user");
  const missing = Object.entries({ host, database, user }).flatMap(([name, value]) => (value === "" ? [name] : []));
  if (missing.length > 0) throw refused(`it names no ${missing.join(" and no ")}`);
  const schema = parameter("schema") ?? DEFAULT_SCHEMA;
  if (!SCHEMA_NAME.test(schema)) throw refused("schema is made of letters, digits, _ and $");
  const port = url.port === "" ? 5432 : Number(url.port);
  const place = `${host.includes(":") || host.startsWith("/") ? `[${host}]` : host}:${port}`;
  return {
    host,
    port,
    database,
    user,
    password: url.password === "" ? null : decode(url.password, "password"),
    ...toTls(host, parameter),
    applicationName: parameter("application_name") ?? "acme-sync-state",
    connectTimeoutMs: toCount(parameter("connect_timeout"), "connect_timeout", 10) * 1000,
    schema,
    poolSize: toCount(parameter("pool_size"), "pool_size", DEFAULT_POOL_SIZE),
    location: `postgres://${place}/${database}?schema=${schema}`,
  };
}

/** Stands for a host that is not named; no host has such a name. */
const NO_HOST = "no-host.invalid";

function parseUrl(text: string): URL {
  try {
    // A socket's directory stands behind ?host=, where a URL of the web would have to name a host.
    return new URL(text.replace(/^([a-z]+:\/\/[^/?#]*@)(?=\/)/i, `$1${NO_HOST}`));
  } catch {
    throw refused("it cannot be understood");
  }
}

/** @throws ConfigError */
function refused(why: string): ConfigError {
  return new ConfigError(`state: the URL of the database is wrong: ${why}`, {
    hint: "Write it as postgres://user:password@host:5432/database; characters like @ / ? # % in a password must be percent-encoded.",
  });
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused(`${what} holds a % that encodes nothing`);
  }
}

function toCount(text: string | null, name: string, absent: number): number {
  if (text === null) return absent;
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 1000) throw refused(`${name} is a whole number from 1 to 1000`);
  return count;
}

/**
 * `prefer`, the default, and `require` encrypt without checking who answers, except that `require` with a CA file checks the
 * issuer; `verify-ca` checks the issuer, `verify-full` the host name too.
 */
function toTls(host: string, parameter: (name: string) => string | null): Pick<Settings, "tls" | "sslmode"> {
  const rootcert = parameter("sslrootcert");
  const sslmode = parameter("sslmode") ?? (rootcert === "system" ? "verify-full" : "prefer");
  if (!isSslMode(sslmode)) throw refused(`sslmode is one of ${SSL_MODES.join(", ")}`);
  if (rootcert === "system" && sslmode !== "verify-full")
    throw refused("sslrootcert=system goes with sslmode=verify-full");
  if (sslmode === "verify-ca" && rootcert === null) throw refused("sslmode=verify-ca needs sslrootcert, the CA file");
  // A Unix socket never carries TLS.
  if (sslmode === "disable" || host.startsWith("/")) return { sslmode, tls: false };
  if (sslmode === "prefer") return { sslmode, tls: null };
  const authority = rootcert === null || rootcert === "system" ? null : readPem(rootcert, "sslrootcert");
  const cert = parameter("sslcert");
  const key = parameter("sslkey");
  const verifies = sslmode !== "require" || authority !== null;
  return {
    sslmode,
    tls: {
      rejectUnauthorized: verifies,
      ...(authority === null ? {} : { ca: authority }),
      ...(verifies && sslmode !== "verify-full" ? { checkServerIdentity: () => undefined } : {}),
      ...(cert === null ? {} : { cert: readPem(cert, "sslcert") }),
      ...(key === null ? {} : { key: readPem(key, "sslkey") }),
    },
  };
}

function isSslMode(text: string): text is SslMode {
  return SSL_MODES.some((mode) => mode === text);
}

function readPem(path: string, name: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new ConfigError(`state: ${name}: the file ${path} cannot be read`, {
      hint: "Correct the path and its permissions.",
    });
  }
}
