import { createHash } from "node:crypto";
import type { ConfigPath } from "./config-path.ts";
import { isPlainObject } from "./plain-object.ts";
import { looksSecret, withoutUrlSecrets } from "./secrets.ts";

/**
 * SHA-256 (hex) of a sync's configuration without its secrets: the same for any order of keys, and after a password or a key
 * was rotated; different as soon as anything else changes. Pure.
 */
export function configDigest(config: unknown, isSecret: (path: ConfigPath) => boolean): string {
  return createHash("sha256")
    .update(canonical(config, [], isSecret))
    .digest("hex");
}

function canonical(value: unknown, path: ConfigPath, isSecret: (path: ConfigPath) => boolean): string {
  const name = path.at(-1);
  if (isSecret(path) && !isUrlLike(value)) return '"secret"';
  if (typeof value === "string") {
    if (typeof name === "string" && looksSecret(name)) return '"secret"';
    return JSON.stringify(withoutUrlSecrets(value));
  }
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => canonical(item, [...path, index], isSecret)).join(",")}]`;
  }
  if (isPlainObject(value)) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, [...path, key], isSecret)}`);
    return `{${entries.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** A connection string is marked as a secret because of its password; which database it names belongs to the digest. */
function isUrlLike(value: unknown): boolean {
  return typeof value === "string" && /^[a-z][a-z0-9+.-]*:\/\//i.test(value);
}
