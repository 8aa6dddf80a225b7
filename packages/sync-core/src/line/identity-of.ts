import type { IdentityValue } from "../contracts/destination.ts";
import type { Json } from "../contracts/json.ts";
import type { Mapping } from "../contracts/mapping.ts";

/** By what a record is looked up. @param fields of the row, or values as they are sent: both carry the identity by its source field. Pure. */
export function identityOf(fields: Readonly<Record<string, Json>>, { entityType, identity }: Mapping): IdentityValue {
  const { kind, keyName, sourceField } = identity;
  const value = fields[sourceField];
  return { entityType, kind, keyName, value: typeof value === "string" ? value : JSON.stringify(value) };
}
