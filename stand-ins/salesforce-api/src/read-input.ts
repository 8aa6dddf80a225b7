import type { AppSeed } from "./auth/connected-apps.ts";
import type { UserSeed } from "./auth/users.ts";
import { type Fault, isFaultKind } from "./faults.ts";
import { type Fields, listField, numberField, objectField, textField, textsField } from "./fields.ts";
import type { ChangeOptions, FieldValues } from "./org/changes.ts";
import { fieldTypes } from "./org/field-definition.ts";
import type { CustomObjectSeed, FieldSeed } from "./org/org-seed.ts";

/** A fault from JSON. Throws RangeError for an unknown kind. */
export function toFault(body: Fields): Fault {
  const { kind } = body;
  if (!isFaultKind(kind)) throw new RangeError(`Unknown fault kind ${String(kind)}`);
  const headers = objectField(body, "headers");
  return {
    kind,
    ...pickTexts(body, ["method", "path", "errorMessage"]),
    ...pickNumbers(body, ["nth", "times", "probability", "seed", "delayMs", "share", "status", "retryAfterSeconds"]),
    ...(body["errorMessage"] === null ? { errorMessage: null } : {}),
    applied: body["applied"] === true,
    ...("body" in body ? { body: body["body"] } : {}),
    ...(headers === undefined ? {} : { headers: toTexts(headers) }),
  };
}

/** An app from JSON. */
export function toAppSeed(body: Fields): AppSeed {
  return {
    ...pickTexts(body, ["name", "clientId", "clientSecret", "runAs", "refreshToken", "publicKey", "scope"]),
    ...(Array.isArray(body["approvedUsers"]) ? { approvedUsers: textsField(body, "approvedUsers") } : {}),
  };
}

/** What is to change of a user, from JSON. */
export function toUserSeed(body: Fields): UserSeed {
  return {
    ...pickTexts(body, ["username", "password", "securityToken"]),
    ...pickFlags(body, ["viewAllData", "apiEnabled", "passwordExpired"]),
    ...(Array.isArray(body["hiddenObjects"]) ? { hiddenObjects: textsField(body, "hiddenObjects") } : {}),
    ...(Array.isArray(body["hiddenFields"]) ? { hiddenFields: textsField(body, "hiddenFields") } : {}),
  };
}

/** A field from JSON. Throws RangeError for an unknown type. */
export function toFieldSeed(body: Fields): FieldSeed {
  const type = fieldTypes.find((known) => known === body["type"]);
  if (body["type"] !== undefined && type === undefined)
    throw new RangeError(`Unknown field type ${JSON.stringify(body["type"])}`);
  return {
    name: requireText(body, "name"),
    ...(type === undefined ? {} : { type }),
    ...pickTexts(body, ["label", "relationshipName", "formula"]),
    ...pickNumbers(body, ["length", "scale"]),
    ...pickFlags(body, ["richText", "filterable", "sortable"]),
    ...(Array.isArray(body["referenceTo"]) ? { referenceTo: textsField(body, "referenceTo") } : {}),
    ...(Array.isArray(body["picklistValues"]) ? { picklistValues: textsField(body, "picklistValues") } : {}),
    ...(Array.isArray(body["values"])
      ? { values: listField(body, "values").map((value) => toValue("values", value)) }
      : {}),
  };
}

/** A custom object from JSON. */
export function toObjectSeed(body: Fields): CustomObjectSeed {
  const fields = listField(body, "fields").map((field) =>
    toFieldSeed(typeof field === "string" ? { name: field } : toFields(field)),
  );
  return {
    name: requireText(body, "name"),
    ...(Array.isArray(body["fields"]) ? { fields } : {}),
    ...pickNumbers(body, ["rows"]),
    ...pickFlags(body, ["bulk", "replicateable"]),
    ...(Array.isArray(body["withoutSystemFields"])
      ? { withoutSystemFields: textsField(body, "withoutSystemFields") }
      : {}),
  };
}

/** Values of a row from JSON. */
export function toFieldValues(body: Fields): FieldValues {
  const values: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(objectField(body, "values") ?? {})) values[name] = toValue(name, value);
  return values;
}

export function toChangeOptions(body: Fields): ChangeOptions {
  return pickNumbers(body, ["atMs", "delayMs"]);
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

function pickFlags<Name extends string>(body: Fields, names: readonly Name[]): { [name in Name]?: boolean } {
  const picked: { [name in Name]?: boolean } = {};
  for (const name of names) {
    const value = body[name];
    if (typeof value === "boolean") picked[name] = value;
  }
  return picked;
}

function toValue(name: string, value: unknown): string | number | boolean | null {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  throw new RangeError(`${name} must be a text, a number, a boolean or null`);
}

function toFields(value: unknown): Fields {
  return objectField({ value }, "value") ?? {};
}

function toTexts(fields: Fields): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(fields)) texts[name] = textField(fields, name) ?? "";
  return texts;
}
