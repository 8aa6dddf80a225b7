import { type Fields, objectField, pickTexts, readFault, textsField } from "@acme/stand-in-kit";
import type { AppSeed } from "./auth/apps.ts";
import { type Fault, faultKinds } from "./faults.ts";
import type { PropertyValues } from "./control.ts";
import { toValueText } from "./to-value-text.ts";

/** A fault from JSON. Throws RangeError for an unknown kind. */
export function toFault(body: Fields): Fault {
  return {
    ...readFault(body, faultKinds),
    ...(body["retryAfterSeconds"] === null ? { retryAfterSeconds: null } : {}),
    ...(Array.isArray(body["scopes"]) ? { scopes: textsField(body, "scopes") } : {}),
  };
}

/** An app from JSON. */
export function toAppSeed(body: Fields): AppSeed {
  const kind = (["private-app", "service-key", "oauth"] as const).find((known) => known === body["kind"]);
  return {
    ...(kind === undefined ? {} : { kind }),
    ...pickTexts(body, ["name", "token", "clientId", "clientSecret", "refreshToken"]),
    ...(Array.isArray(body["scopes"]) ? { scopes: textsField(body, "scopes") } : {}),
  };
}

/** Values of a record from JSON: texts and nulls; numbers and booleans become texts. */
export function toPropertyValues(body: Fields): PropertyValues {
  const values: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(objectField(body, "properties") ?? {})) {
    const text = toValueText(value);
    if (text === undefined) throw new RangeError(`${name} must be a text or null`);
    values[name] = text;
  }
  return values;
}
