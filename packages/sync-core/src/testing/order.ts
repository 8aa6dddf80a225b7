import type { Json } from "../contracts/json.ts";
import type { ProvedInterval } from "../contracts/source.ts";

const WHOLE = /^-?\d+$/;

/** Compares two cursor values: numbers and whole numbers in text by size, everything else as text. */
export function compareCursorValues(left: string, right: string): number {
  if (WHOLE.test(left) && WHOLE.test(right)) {
    const difference = BigInt(left) - BigInt(right);
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }
  const [leftTime, leftRest] = splitTime(left);
  const [rightTime, rightRest] = splitTime(right);
  const [first, second] = leftTime === rightTime ? [leftRest, rightRest] : [leftTime, rightTime];
  return first === second ? 0 : first < second ? -1 : 1;
}

/** Fractions of a second come with as many digits as they need; compared as text they need the same number. */
function splitTime(text: string): readonly [string, string] {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(.*)$/.exec(text);
  return match === null ? [text, ""] : [`${match[1]}`, `${(match[2] ?? "").padEnd(9, "0")}${match[3]}`];
}

/** A cursor field's value as intervals spell it; null where the row has none. */
export function toCursorText(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function contains(interval: ProvedInterval, value: string): boolean {
  if (interval.field === null || interval.through === null) return false;
  if (interval.after !== null && compareCursorValues(value, interval.after) <= 0) return false;
  const order = compareCursorValues(value, interval.through);
  return interval.throughExclusive === true ? order < 0 : order <= 0;
}
