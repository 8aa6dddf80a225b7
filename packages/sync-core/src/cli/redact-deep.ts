import { isPlainObject } from "../config/plain-object.ts";
import type { Redactor } from "../config/redactor.ts";

/** A document with its texts redacted one by one: so that what is left is still JSON, and no escape sequence hides a secret. */
export function redactDeep(value: unknown, redactor: Redactor): unknown {
  if (typeof value === "string") return redactor.redact(value);
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redactor));
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactDeep(item, redactor)]));
  }
  return value;
}
