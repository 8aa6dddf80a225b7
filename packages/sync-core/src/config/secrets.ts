import type { ConfigPath } from "./config-path.ts";
import { isPlainObject } from "./plain-object.ts";

/** Options whose value is a secret by their name alone; `key` is not among them, it names a column. */
const SECRET_NAME = /secret|passw(?:or)?d|passphrase|(?:^|[^a-z])pwd|token|api[-_]?key|private[-_]?key|credential/i;
/** Scheme, user, password, rest. Greedy up to the last `@`, since people do not always encode the one in a password. */
const CREDENTIALS_IN_URL = /^([a-z][a-z0-9+.-]*:\/\/)([^:/?#@]*):(.*)@([^@]*)$/is;
const SECRET_PARAMETER = /([?&;](?:[^=&;#]*(?:secret|passw|pwd|token|api[-_]?key)[^=&;#]*))=([^&;#]*)/gi;

export function looksSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The secrets that a text carries besides itself: passwords and tokens inside a URL, in every reading of it. */
export function secretsInUrl(text: string): readonly string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return [];
  const found: string[] = [];
  const credentials = CREDENTIALS_IN_URL.exec(text);
  if (credentials?.[3] !== undefined) {
    found.push(credentials[3]);
    // The usual reading: up to the first @. The rest would be host names and paths, which are no secrets.
    const upToFirst = credentials[3].split("@")[0];
    if (upToFirst !== undefined) found.push(upToFirst);
  }
  for (const parameter of text.matchAll(SECRET_PARAMETER)) if (parameter[2] !== undefined) found.push(parameter[2]);
  return found.filter((secret) => secret !== "");
}

/** The same text without the secrets inside it, where it is a URL; otherwise unchanged. */
export function withoutUrlSecrets(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return text.replace(CREDENTIALS_IN_URL, "$1$2@$4").replace(SECRET_PARAMETER, "$1=");
}

/**
 * Every secret in a configuration: values that `isSecret` names, values whose option sounds like a secret, and the passwords
 * inside URLs. Pure.
 */
export function collectSecrets(root: unknown, isSecret: (path: ConfigPath) => boolean): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown, path: ConfigPath): void => {
    if (typeof value === "string" || typeof value === "number") {
      const name = path.findLast((part) => typeof part === "string");
      if (isSecret(path) || (typeof name === "string" && looksSecret(name))) found.push(String(value));
      if (typeof value === "string") found.push(...secretsInUrl(value));
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => walk(item, [...path, index]));
    } else if (isPlainObject(value)) {
      for (const [name, item] of Object.entries(value)) walk(item, [...path, name]);
    }
  };
  walk(root, []);
  return found.filter((secret) => secret !== "");
}
