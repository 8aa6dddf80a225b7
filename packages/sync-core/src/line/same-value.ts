import type { Json } from "../contracts/json.ts";

/**
 * True when a stored value is the one that was sent. The destination may keep a number as text or the reverse, and an empty
 * value as nothing at all; the order of an object's members never counts.
 */
export function sameValue(sent: Json | undefined, stored: Json | undefined): boolean {
  return canonical(sent ?? null) === canonical(stored ?? null);
}

function canonical(value: Json): string {
  if (value === null || value === "") return "null";
  if (typeof value === "object") return isList(value) ? `[${value.map(canonical).join(",")}]` : canonicalObject(value);
  return JSON.stringify(String(value));
}

function canonicalObject(value: { readonly [name: string]: Json }): string {
  const members = Object.keys(value).toSorted();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(",")}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
