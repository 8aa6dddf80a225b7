import { createHmac } from "node:crypto";

/** What can name a record, as received. */
export interface Identifiers {
  recordId?: string;
  email?: string;
  websiteUrl?: string;
  customKeyName?: string;
  customKeyValue?: string;
}

// The real key is the vendor's secret; this one only has to stay the same across restarts.
const HMAC_KEY = "personize-api-stand-in";

/** Trimmed and lower case. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** The bare domain: scheme, credentials, `www.`, port, path, query and a final dot dropped, lower case. */
export function normaliseWebsite(website: string): string {
  const withoutScheme = website
    .trim()
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/^\/\//, "");
  const host = (withoutScheme.split(/[/?#]/, 1)[0] ?? "").replace(/^.*@/, "").replace(/:\d+$/, "");
  return host.replace(/^www\./, "").replace(/\.$/, "");
}

/** The normalised key a record is found by: record id, then email, website, custom key; undefined when none is given. */
export function toRecordKey(identifiers: Identifiers): string | undefined {
  const { recordId, email, websiteUrl, customKeyName, customKeyValue } = identifiers;
  if (recordId !== undefined && recordId.trim() !== "") return recordId.trim();
  if (email !== undefined && email.trim() !== "") return normaliseEmail(email);
  if (websiteUrl !== undefined && normaliseWebsite(websiteUrl) !== "") return normaliseWebsite(websiteUrl);
  if (customKeyName !== undefined && customKeyValue !== undefined && customKeyValue.trim() !== "") {
    return toCustomKey(customKeyName, customKeyValue);
  }
  return undefined;
}

export function toCustomKey(name: string, value: string): string {
  return `${name.trim()}:${value.trim()}`;
}

/** `REC#` and the HMAC-SHA256 of organization, type without case, and normalised key. */
export function toRecordId(organizationId: string, typeKey: string, recordKey: string): string {
  if (recordKey.startsWith("REC#")) return recordKey;
  return `REC#${createHmac("sha256", HMAC_KEY).update(`${organizationId}|${typeKey}|${recordKey}`).digest("hex")}`;
}

/** The type a record gets when nothing names one. */
export function defaultType(identifiers: Identifiers): string {
  return identifiers.email === undefined && identifiers.websiteUrl !== undefined ? "Company" : "Contact";
}
