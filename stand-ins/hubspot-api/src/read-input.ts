import type { AppSeed } from "./auth/apps.ts";
import { type Fault, isFaultKind } from "./faults.ts";
import { type Fields, numberField, objectField, textField, textsField, toValueText } from "./fields.ts";
import type { PropertyValues } from "./control.ts";

/** A fault from JSON. Throws RangeError for an unknown kind. */
export function toFault(body: Fields): Fault {
  const { kind } = body;
  if (!isFaultKind(kind)) throw new RangeError(`Unknown fault kind ${String(kind)}`);
  const headers = objectField(body, "headers");
  return {
    kind,
    ...pickTexts(body, ["method", "path"]),
    ...pickNumbers(body, ["nth", "times", "probability", "seed", "delayMs", "status", "retryAfterSeconds"]),
    ...(body["retryAfterSeconds"] === null ? { retryAfterSeconds: null } : {}),
    applied: body["applied"] === true,
    ...(Array.isArray(body["scopes"]) ? { scopes: textsField(body, "scopes") } : {}),
    ...("body" in body ? { body: body["body"] } : {}),
    ...(headers === undefined ? {} : { headers: toTexts(headers) }),
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

export function requireNumber(body: Fields, name: string): number {
  const value = numberField(body, name);
  if (value === undefined) throw new RangeError(`${name} must be a number`);
  return value;
}

export function requireText(body: Fields, name: string): string {
  const value = textField(body, name);
  if (value === undefined) throw new RangeError(`${name} must be a text`);
  return value;
}

export function pickTexts<Name extends string>(body: Fields, names: readonly Name[]): { [name in Name]?: string } {
  const picked: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = textField(body, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

export function pickNumbers<Name extends string>(body: Fields, names: readonly Name[]): { [name in Name]?: number } {
  const picked: { [name in Name]?: number } = {};
  for (const name of names) {
    const value = numberField(body, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function toTexts(fields: Fields): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(fields)) texts[name] = textField(fields, name) ?? "";
  return texts;
}
