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

/**
 * A code such as `validation_error`, given as such or as the `code` of an object; never free text, since that may quote a
 * row: a code is a word in capitals, or several joined by underscores.
 */
export function errorCode(value: unknown): string | null {
  const code = text(value) ?? text(at(value, "code"));
  return code !== null && code.length <= 60 && /^([A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+|[A-Z]{3,})$/.test(code)
    ? code
    : null;
}
