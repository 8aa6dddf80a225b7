import { isIP } from "node:net";
import {
  checkOptions,
  type ConnectionOptions,
  type ConnectionSettings,
  mergeSettings,
  parseConnectionUrl,
  sqlFields,
  type SslMode,
  toTimeoutMs,
  urlSslMode,
} from "@acme/sql-source";
import { ConfigError } from "@acme/sync-core";
import { z } from "zod";

/** The `source:` section of a sync that reads MySQL or MariaDB. */
export const mysqlConfig = z
  .strictObject({
    ...sqlFields({
      url: "mysql://user:password@host:port/database, with sslmode, sslrootcert, sslcert, sslkey, connect_timeout, socket or application_name as parameters. Instead of host, port, database, user and password.",
      port: 3306,
      user: "User to log in as. It needs no more than the right to select; with PROCESS reading is exact and fresh.",
      password: "Password of the user. Default: the environment variable MYSQL_PWD.",
      table:
        "Table or view to read: customers, shop.customers or `My Database`.`My.Table`. Without a database the one of the connection.",
      cursorTimeZone:
        "Time zone in which a cursor of type datetime or date is written, such as Europe/Vienna or +01:00. Default: the server's.",
      lagMs:
        "Milliseconds to stay behind everything that is under way. Default: 0 where open transactions can be seen, 300000 (5 minutes) behind the clock where they cannot.",
    }),
    zeroDates: z
      .enum(["refuse", "null", "text"])
      .default("refuse")
      .describe(
        "What becomes of dates that do not exist (0000-00-00, 2024-05-00): `refuse` ends the run with the column's name, `null` takes them for no date, `text` passes them on as they are.",
      ),
    tinyint1: z
      .enum(["number", "boolean"])
      .default("number")
      .describe("What tinyint(1) is: `boolean` makes 0 false and 1 true, and leaves other numbers as they are."),
    serverPublicKey: z
      .string()
      .min(1)
      .optional()
      .describe(
        "File (PEM) with the public key of a MySQL server, to log in with caching_sha2_password or sha256_password where the connection is not encrypted.",
      ),
    allowPublicKeyRetrieval: z
      .boolean()
      .default(false)
      .describe(
        "Whether to ask the server for its public key on a connection that is not encrypted. Whoever stands in between can then learn the password.",
      ),
    applicationName: z
      .string()
      .min(1)
      .max(63)
      .default("acme-sync")
      .describe("What the server's connection attributes show as program_name. The url's goes before it."),
  })
  .superRefine((config, context) => {
    const report = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    checkOptions(config, report, toConnectionSettings);
    if (config.query?.includes("\u0001") === true) report("query", "it holds the control character U+0001");
  });

export type MysqlConfig = z.output<typeof mysqlConfig>;

export interface MysqlSettings extends ConnectionSettings {
  /** `host` is the path of a Unix socket. */
  readonly isSocket: boolean;
  readonly applicationName: string;
  /** Path of a PEM file; null: none. */
  readonly serverPublicKey: string | null;
  readonly allowPublicKeyRetrieval: boolean;
}

const KNOWN_PARAMETERS: ReadonlySet<string> = new Set([
  "sslmode",
  "ssl-mode",
  "ssl",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "connect_timeout",
  "application_name",
  "socket",
  "host",
  "port",
  "user",
  "password",
  "dbname",
]);

/** Parameters of a url that change nothing for us, by the values that may stand there. */
const HARMLESS: Readonly<Record<string, RegExp>> = {
  charset: /^utf-?8(?:mb4)?$/i,
  characterEncoding: /^utf-?8$/i,
  serverTimezone: /^UTC$/i,
};

/** The words of MySQL's own clients. */
const MYSQL_MODES: Readonly<Record<string, SslMode>> = {
  disabled: "disable",
  preferred: "prefer",
  required: "require",
  verify_ca: "verify-ca",
  verify_identity: "verify-full",
};

/**
 * Puts url, options and defaults together. `sslmode` means what it means for PostgreSQL; MySQL's own words (`ssl-mode=REQUIRED`) are
 * understood too.
 * @throws ConfigError without the url in its message.
 */
export function toConnectionSettings(
  config: ConnectionOptions & Pick<MysqlConfig, "applicationName" | "serverPublicKey" | "allowPublicKeyRetrieval">,
): MysqlSettings {
  const rules = { schemes: ["mysql", "mariadb"], known: KNOWN_PARAMETERS, harmless: HARMLESS } as const;
  const parsed = config.url === undefined ? null : parseConnectionUrl(config.url, rules);
  const parameter = (key: string): string | null => parsed?.parameters.get(key) ?? null;
  const timeoutSeconds = parameter("connect_timeout");
  const url = parsed === null ? null : { ...parsed, host: parameter("socket") ?? parsed.host };
  const settings = mergeSettings(config, url, {
    port: 3306,
    example: "mysql://user:password@host:3306/database",
    sslmode: readSslMode(parsed?.parameters ?? new Map()),
    timeoutMs: timeoutSeconds === null ? null : toTimeoutMs(timeoutSeconds, "connect_timeout"),
  });
  const isSocket = settings.host.startsWith("/");
  if (settings.sslmode === "verify-full" && isIP(settings.host) !== 0) {
    throw new ConfigError("sslmode verify-full needs a host name to check, and host is an address", {
      hint: "Use the name that the server's certificate names, or sslmode: verify-ca, which checks the issuer only.",
    });
  }
  return {
    ...settings,
    isSocket,
    applicationName: parameter("application_name") ?? config.applicationName,
    serverPublicKey: config.serverPublicKey ?? null,
    allowPublicKeyRetrieval: config.allowPublicKeyRetrieval,
  };
}

function readSslMode(parameters: ReadonlyMap<string, string>): SslMode | null {
  const own = parameters.get("ssl-mode");
  if (own === undefined) return urlSslMode(parameters, "; or ssl-mode with MySQL's words");
  const known = MYSQL_MODES[own.toLowerCase()];
  if (known !== undefined) return known;
  throw new ConfigError("url has an unknown ssl-mode", {
    hint: `Use one of ${Object.keys(MYSQL_MODES).join(", ").toUpperCase()}.`,
  });
}
