import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { ConfigError } from "@acme/sync-core";
import type { TlsSettings } from "./connection-settings.ts";

/**
 * The meaning of libpq's modes: `prefer` and `require` encrypt without checking who answers, except that `require` with a CA
 * file checks the issuer; `verify-ca` checks the issuer, `verify-full` the host name too.
 * @throws ConfigError when a file cannot be read.
 */
export function toTlsOptions({ sslmode, sslrootcert, sslcert, sslkey }: TlsSettings): ConnectionOptions {
  const authority = sslrootcert === null || sslrootcert === "system" ? null : readPem(sslrootcert, "sslrootcert");
  const verifies =
    sslmode === "verify-full" || sslmode === "verify-ca" || (sslmode === "require" && authority !== null);
  return {
    rejectUnauthorized: verifies,
    ...(authority === null ? {} : { ca: authority }),
    ...(verifies && sslmode !== "verify-full" ? { checkServerIdentity: () => undefined } : {}),
    ...(sslcert === null ? {} : { cert: readPem(sslcert, "sslcert") }),
    ...(sslkey === null ? {} : { key: readPem(sslkey, "sslkey") }),
  };
}

/** The text of a file that the option `option` names. */
export function readPem(path: string, option: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new ConfigError(`${option}: the file ${path} cannot be read`, {
      hint: "Correct the path and its permissions.",
    });
  }
}
