/** Looking into answers whose shape is not certain: nothing here throws, what is not there is undefined or null. */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export function at(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** A text that is not empty. */
export function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

export function finiteNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
