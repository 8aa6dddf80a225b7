import { ConfigError } from "@acme/sync-core";
import type { ConnectionUrl } from "./connection-url.ts";
import { SSL_MODES, type SslMode, type SqlConfig } from "./sql-config.ts";

export interface TlsSettings {
  readonly sslmode: SslMode;
  /** Path of the CA file; "system": Node's own list; null: none given. */
  readonly sslrootcert: string | null;
  readonly sslcert: string | null;
  readonly sslkey: string | null;
}

/** How to reach the server, after url, options and defaults have been put together. */
export interface ConnectionSettings extends TlsSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** null: none is configured. */
  readonly password: string | null;
  readonly connectTimeoutMs: number;
}

export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

export type ConnectionOptions = Pick<
  SqlConfig,
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
  | "connectTimeoutMs"
>;

/**
 * Puts url, options and defaults together. An option goes before the url's parameter.
 * @param sslmode what the url says in its own words; null: nothing.
 * @throws ConfigError without the url in its message.
 */
export function mergeSettings(
  config: ConnectionOptions,
  url: ConnectionUrl | null,
  defaults: {
    readonly port: number;
    readonly example: string;
    readonly sslmode: SslMode | null;
    readonly timeoutMs: number | null;
  },
): ConnectionSettings {
  const parameter = (key: string): string | null => url?.parameters.get(key) ?? null;
  const host = config.host ?? url?.host ?? "";
  const user = config.user ?? url?.user ?? "";
  const database = config.database ?? url?.database ?? "";
  const missing = Object.entries({ host, database, user }).filter(([, value]) => value === "");
  if (missing.length > 0) {
    throw new ConfigError(`url names no ${missing.map(([name]) => name).join(" and no ")}`, {
      hint: `Write it as ${defaults.example}.`,
    });
  }
  return {
    host,
    port: config.port ?? url?.port ?? defaults.port,
    database,
    user,
    password: config.password ?? url?.password ?? null,
    connectTimeoutMs: config.connectTimeoutMs ?? defaults.timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    ...toTlsSettings({
      sslmode: config.sslmode ?? defaults.sslmode,
      sslrootcert: config.sslrootcert ?? parameter("sslrootcert"),
      sslcert: config.sslcert ?? parameter("sslcert"),
      sslkey: config.sslkey ?? parameter("sslkey"),
    }),
  };
}

function toTlsSettings(given: Omit<TlsSettings, "sslmode"> & { readonly sslmode: SslMode | null }): TlsSettings {
  const { sslrootcert, sslcert, sslkey } = given;
  const sslmode = given.sslmode ?? (sslrootcert === "system" ? "verify-full" : "prefer");
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
  if ((sslcert === null) !== (sslkey === null)) {
    throw new ConfigError("a client certificate needs both sslcert and sslkey", { hint: "Set the missing one." });
  }
  return { sslmode, sslrootcert, sslcert, sslkey };
}

/** What the url's own `sslmode` and `ssl` say; null: nothing. */
export function urlSslMode(parameters: ReadonlyMap<string, string>, otherNames: string): SslMode | null {
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
    hint: `Use one of ${SSL_MODES.join(", ")}${otherNames}.`,
  });
}

/** Seconds of a url's parameter as milliseconds; 0 means no limit there, which a run must not have. */
export function toTimeoutMs(seconds: string, parameter: string): number {
  const value = Number(seconds);
  if (!Number.isInteger(value) || value < 0 || value > 86_400) {
    throw new ConfigError(`url has a ${parameter} that is not a number of seconds`, { hint: "For example 10." });
  }
  return value === 0 ? DEFAULT_CONNECT_TIMEOUT_MS : value * 1000;
}
