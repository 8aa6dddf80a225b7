import type { Json } from "@acme/sync-core";

/**
 * A text that may hold a number that a double cannot: 16 digits or more, or an exponent of three. Up to 15 digits always
 * survive. Digits inside strings match too; that only costs time.
 */
const RISKY_NUMBER = /[\d.]{16}|\d[eE][-+]?\d{3}/;

/**
 * A JSON document. A number that a double would change (more than 17 digits, say) becomes its own text, exactly as it was written;
 * every other value is what JSON.parse gives.
 */
export function toExactJson(text: string): Json {
  if (!RISKY_NUMBER.test(text)) {
    const value: Json = JSON.parse(text);
    return value;
  }
  // The third parameter (the source text) is in every Node this package runs on, but not yet in TypeScript's library.
  const exact = (_name: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" && context?.source !== undefined && !isExact(value, context.source)
      ? context.source
      : value;
  const value: Json = JSON.parse(text, exact);
  return value;
}

/** Whether a double, written out again, is the decimal number that it was read from. */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  return toPlainDecimal(String(value)) === toPlainDecimal(source);
}

/** A decimal number in one spelling: digits without zeros at the ends, and the power of ten of the last one. */
function toPlainDecimal(text: string): string {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const negative = mantissa.startsWith("-");
  const [whole = "", fraction = ""] = (negative ? mantissa.slice(1) : mantissa).split(".");
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${negative ? "-" : ""}${significant}e${power}`;
}

/** A number whose text a double may be made of. What is none in JSON (NaN, the infinities) stays text. */
export function toNumber(text: string): Json {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}
