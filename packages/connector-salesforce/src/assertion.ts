import { createPrivateKey, createSign, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ConfigError } from "@acme/sync-core";
import type { SalesforceConfig } from "./config.ts";

/** Sources differ between 3 and 5 minutes as the most that Salesforce accepts. */
const LIFETIME_SECONDS = 120;

/**
 * What an app signs to show that it may act for a user (RFC 7523, RS256).
 * @param nowMs Salesforce's clock where it is known.
 * @throws ConfigError when the key cannot be read.
 */
export async function signAssertion(
  jwt: NonNullable<SalesforceConfig["jwt"]>,
  loginUrl: string,
  nowMs: number,
): Promise<string> {
  const claims = {
    iss: jwt.clientId,
    sub: jwt.username,
    aud: jwt.audience ?? toAudience(loginUrl),
    exp: Math.floor(nowMs / 1000) + LIFETIME_SECONDS,
  };
  const unsigned = [{ alg: "RS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const key = toKey(await readKey(jwt));
  return `${unsigned}.${createSign("RSA-SHA256").update(unsigned).sign(key, "base64url")}`;
}

/** Sandboxes have an audience of their own. */
export function toAudience(loginUrl: string): string {
  const { hostname } = new URL(loginUrl);
  const isSandbox = hostname === "test.salesforce.com" || hostname.endsWith(".sandbox.my.salesforce.com");
  return isSandbox ? "https://test.salesforce.com" : "https://login.salesforce.com";
}

async function readKey({ privateKey, privateKeyFile }: NonNullable<SalesforceConfig["jwt"]>): Promise<string> {
  // A key in an environment variable often has its line breaks written out.
  if (privateKey !== undefined) return privateKey.replaceAll("\\n", "\n");
  try {
    return await readFile(privateKeyFile ?? "", "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new ConfigError(`jwt.privateKeyFile: cannot read ${privateKeyFile} (${code})`, {
      hint: "Name a file that exists and that this user may read.",
    });
  }
}

function toKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause is left out: it may quote the key.
    throw new ConfigError("jwt: the private key cannot be read", {
      hint: "Give it in PEM, without a passphrase, from -----BEGIN to -----END.",
    });
  }
}
