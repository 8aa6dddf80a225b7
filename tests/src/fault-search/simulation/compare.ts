import type { Json } from "@acme/sync-core";
import { type ExpectedRecord, isNothing } from "./expected.ts";
import type { StoredRecord } from "./records.ts";

/** How a stored record differs from what it should be, in words; null: it does not. */
export function sameRecord(expected: ExpectedRecord, stored: StoredRecord | null): string | null {
  if (stored === null) return `nothing is stored under ${expected.record}`;
  for (const [property, value] of Object.entries(expected.values)) {
    const found = stored.values.get(property);
    if (found !== value) return differs(expected.record, property, found, value);
  }
  for (const [property, text] of Object.entries(expected.texts)) {
    const found = stored.texts.get(property);
    if (isNothing(text) ? !isNothing(found) : found !== text) return differs(expected.record, property, found, text);
  }
  return null;
}

function differs(record: string, property: string, found: Json | undefined, expected: Json): string {
  return `${property} of ${record} is ${JSON.stringify(found) ?? "not there"} and should be ${JSON.stringify(expected)}`;
}
