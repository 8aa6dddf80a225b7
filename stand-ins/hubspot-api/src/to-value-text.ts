/** A property's value from JSON: text or null as it is, numbers and booleans as text; undefined for anything else. */
export function toValueText(value: unknown): string | null | undefined {
  if (value === null || typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
