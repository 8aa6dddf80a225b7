import {
  type Fields,
  listField,
  objectField,
  pickFlags,
  pickNumbers,
  pickTexts,
  readFault,
  requireText,
  textsField,
} from "@acme/stand-in-kit";
import type { AppSeed } from "./auth/connected-apps.ts";
import type { UserSeed } from "./auth/users.ts";
import { type Fault, faultKinds } from "./faults.ts";
import type { ChangeOptions, FieldValues } from "./org/changes.ts";
import { fieldTypes } from "./org/field-definition.ts";
import type { CustomObjectSeed, FieldSeed } from "./org/org-seed.ts";

/** A fault from JSON. Throws RangeError for an unknown kind. */
export function toFault(body: Fields): Fault {
  return {
    ...readFault(body, faultKinds),
    ...pickNumbers(body, ["share"]),
    ...pickTexts(body, ["errorMessage"]),
    ...(body["errorMessage"] === null ? { errorMessage: null } : {}),
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

function toValue(name: string, value: unknown): string | number | boolean | null {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  throw new RangeError(`${name} must be a text, a number, a boolean or null`);
}

function toFields(value: unknown): Fields {
  return objectField({ value }, "value") ?? {};
}
