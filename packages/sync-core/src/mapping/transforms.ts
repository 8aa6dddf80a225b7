import type { Json } from "../contracts/json.ts";

/**
 * Changes to a value, by name. A transform that does not apply to a kind of value returns it unchanged; null stays null.
 */
const transforms = {
  /** Text without surrounding white space. */
  trim: (value: Json): Json => (typeof value === "string" ? value.trim() : value),
  lowercase: (value: Json): Json => (typeof value === "string" ? value.toLowerCase() : value),
  uppercase: (value: Json): Json => (typeof value === "string" ? value.toUpperCase() : value),
  /** The JSON text of objects and arrays; other values as text. */
  text: (value: Json): Json => (value === null || typeof value === "string" ? value : JSON.stringify(value)),
  /** A number for text that is exactly a finite number; other text is left alone. Large numbers may lose digits. */
  number: (value: Json): Json => {
    if (typeof value !== "string" || value.trim() === "") return value;
    const number = Number(value);
    return Number.isFinite(number) ? number : value;
  },
  /** "" counts as not set. */
  emptyToNull: (value: Json): Json => (value === "" ? null : value),
  /** The part of an ISO 8601 date and time before the T. */
  date: (value: Json): Json =>
    typeof value === "string" && /^[+-]?\d{4,6}-\d\d-\d\dT/.test(value) ? value.slice(0, value.indexOf("T")) : value,
} satisfies Record<string, (value: Json) => Json>;

export type TransformName = keyof typeof transforms;

export const transformNames = [
  "trim",
  "lowercase",
  "uppercase",
  "text",
  "number",
  "emptyToNull",
  "date",
] as const satisfies readonly TransformName[];

export function applyTransform(name: TransformName, value: Json): Json {
  return transforms[name](value);
}
