import type { Fields } from "@acme/stand-in-kit";
import { type Identifiers, normaliseEmail, toRecordKey } from "./identity.ts";
import type { WritePlan } from "./write-plan.ts";

/** Everything that names the record of `row`. */
export function toRowIdentifiers(plan: WritePlan, row: Fields): Identifiers {
  const identifiers: Identifiers = {};
  const recordId = toText(plan.recordIdField, row);
  if (recordId !== undefined) identifiers.recordId = recordId;
  const email = toText(plan.emailField, row);
  if (email !== undefined) identifiers.email = email;
  const websiteUrl = toText(plan.websiteField, row);
  if (websiteUrl !== undefined) identifiers.websiteUrl = websiteUrl;
  const customKeyValue = toText(plan.customKeyField, row);
  if (customKeyValue !== undefined && plan.customKeyName !== undefined) {
    identifiers.customKeyName = plan.customKeyName;
    identifiers.customKeyValue = customKeyValue;
  }
  return identifiers;
}

/** The normalised key of the record of `row`; undefined when the row has no identifier. */
export function toRowKey(plan: WritePlan, row: Fields): string | undefined {
  if (!plan.manyIdentifiers && plan.emailField !== undefined) {
    const email = row[plan.emailField];
    if (typeof email === "string") {
      const key = normaliseEmail(email);
      return key === "" ? undefined : key;
    }
  }
  return toRecordKey(toRowIdentifiers(plan, row));
}

function toText(field: string | undefined, row: Fields): string | undefined {
  if (field === undefined) return undefined;
  const value = row[field];
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return undefined;
}
