import type { IdentityValue } from "../contracts/destination.ts";
import type { RecordKind } from "../contracts/line.ts";
import type { IdentityKind, Mapping } from "../contracts/mapping.ts";

/** What kind of records a mapping writes. Pure. */
export function recordKindOf({ entityType, identity }: Mapping): RecordKind {
  return { entityType, kind: identity.kind, keyName: identity.keyName };
}

/**
 * A record as the state remembers it, so that it can still be named after the mapping has changed. The value is the normalised
 * one, by which the destination knows the same record. Pure, like its inverse.
 */
export function rememberRecord({ entityType, kind, keyName }: RecordKind, record: string): string {
  return JSON.stringify([entityType.toLowerCase(), kind, keyName, record]);
}

export function recallRecord(remembered: string): IdentityValue {
  const [entityType, kind, keyName, value]: [string, IdentityKind, string | null, string] = JSON.parse(remembered);
  return { entityType, kind, keyName, value };
}
