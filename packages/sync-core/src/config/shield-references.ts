import { isPlainObject } from "./plain-object.ts";

/**
 * `{ url: ${DATABASE_URL} }` is what people write, and it is not YAML: inside `{ }` an unquoted value may hold no braces. So the
 * characters that YAML would trip over are swapped for others, inside references only, and swapped back after parsing. Each
 * takes the place of exactly one, so that line and column stay right. The replacements are Unicode noncharacters: they occur in
 * no text.
 */
const SHIELDED: readonly (readonly [string, string])[] = [
  ["{", "\uFDD0"],
  ["}", "\uFDD1"],
  ["[", "\uFDD2"],
  ["]", "\uFDD3"],
  [",", "\uFDD4"],
];
const TO_SHIELD = new Map(SHIELDED);
const FROM_SHIELD = new Map(SHIELDED.map(([character, shield]) => [shield, character]));

export function shieldReferences(text: string): string {
  return text.replace(/\$\{[^{}\n]*\}/g, (reference) =>
    reference.replace(/[{}[\],]/g, (character) => TO_SHIELD.get(character) ?? character),
  );
}

/** The reverse, in every name and text of a parsed document. */
export function unshieldReferences(value: unknown): unknown {
  if (typeof value === "string") return unshield(value);
  if (Array.isArray(value)) return value.map(unshieldReferences);
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [unshield(name), unshieldReferences(item)]));
  }
  return value;
}

function unshield(text: string): string {
  return text.replace(/[\uFDD0-\uFDD4]/g, (shield) => FROM_SHIELD.get(shield) ?? shield);
}
