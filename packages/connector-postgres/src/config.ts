import {
  checkOptions,
  type ConnectionOptions,
  type ConnectionSettings,
  mergeSettings,
  parseConnectionUrl,
  sqlFields,
  toTimeoutMs,
  urlSslMode,
} from "@acme/sql-source";
import { ConfigError } from "@acme/sync-core";
import { z } from "zod";

/** The `source:` section of a sync that reads PostgreSQL. */
export const postgresConfig = z
  .strictObject({
    ...sqlFields({
      url: "postgres://user:password@host:port/database, with sslmode, sslrootcert, sslcert, sslkey, application_name, connect_timeout, channel_binding or options as parameters. Instead of host, port, database, user and password.",
      port: 5432,
      user: "Role to log in as. It needs no more than the right to select.",
      password: "Password of the role. Default: the environment variable PGPASSWORD, if the server asks for one.",
      table:
        'Table, view, materialized or foreign table to read: customers, public.customers or "My Schema"."My.Table". Without a schema the server\'s search_path decides.',
      cursorTimeZone:
        "Time zone in which a cursor of type `timestamp` or `date` is written, such as Europe/Vienna. Default: the server's.",
      lagMs:
        "Milliseconds to stay behind the oldest open transaction. Default: 0 where open transactions can be seen, 300000 (5 minutes) behind the clock where they cannot.",
    }),
    applicationName: z
      .string()
      .min(1)
      .max(63)
      .default("acme-sync")
      .describe("What pg_stat_activity shows for this connection. The url's application_name goes before it."),
  })
  .superRefine((config, context) => {
    const report = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    checkOptions(config, report, toConnectionSettings);
  });

export type PostgresConfig = z.output<typeof postgresConfig>;

export interface PostgresSettings extends ConnectionSettings {
  readonly channelBinding: "disable" | "prefer" | "require";
  readonly applicationName: string;
  /** Command-line options for the session, as libpq has them; null: none. Poolers refuse them. */
  readonly options: string | null;
}

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
 * used: it takes `sslmode=require` for `verify-full`, and prints a warning. A password that is missing is looked for by the
 * driver, in PGPASSWORD and ~/.pgpass.
 * @throws ConfigError without the url in its message.
 */
export function toConnectionSettings(
  config: ConnectionOptions & Pick<PostgresConfig, "applicationName">,
): PostgresSettings {
  const rules = { schemes: ["postgres", "postgresql"], known: KNOWN_PARAMETERS, harmless: HARMLESS } as const;
  const url = config.url === undefined ? null : parseConnectionUrl(config.url, rules);
  const parameter = (key: string): string | null => url?.parameters.get(key) ?? null;
  const timeoutSeconds = parameter("connect_timeout");
  const settings = mergeSettings(config, url, {
    port: 5432,
    example: "postgres://user:password@host:5432/database",
    sslmode: urlSslMode(url?.parameters ?? new Map(), "; what node-postgres calls no-verify is require"),
    timeoutMs: timeoutSeconds === null ? null : toTimeoutMs(timeoutSeconds, "connect_timeout"),
  });
  return {
    ...settings,
    channelBinding: urlChannelBinding(parameter("channel_binding")),
    applicationName: parameter("application_name") ?? config.applicationName,
    options: parameter("options"),
  };
}

function urlChannelBinding(value: string | null): "disable" | "prefer" | "require" {
  if (value === null || value === "prefer") return "prefer";
  if (value === "disable" || value === "require") return value;
  throw new ConfigError("url has an unknown channel_binding", { hint: "Use disable, prefer or require." });
}
