/** A JSON object whose members nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a plain JSON object: not null, not an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first of `names` that holds a non-empty text or a number, as text; undefined when none does. */
export function textField(fields: Fields, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number" && Number.isFinite(value)) return String(value);
  }
  return undefined;
}

/** The first of `names` that holds a finite number, or a text that is one; undefined when none does. */
export function numberField(fields: Fields, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value !== "number" && (typeof value !== "string" || value === "")) continue;
    const parsed = Number(value);
    if (Number.isFinite(parsed)) return parsed;
  }
  return undefined;
}

/** True only for the JSON value `true`. */
export function flagField(fields: Fields, ...names: readonly string[]): boolean {
  return names.some((name) => fields[name] === true);
}

/** The first of `names` that holds an array; an empty array when none does. */
export function listField(fields: Fields, ...names: readonly string[]): readonly unknown[] {
  for (const name of names) {
    const value = fields[name];
    if (Array.isArray(value)) return value;
  }
  return [];
}

/** The texts among an array's members; an empty array when there is no array. */
export function textsField(fields: Fields, name: string): readonly string[] {
  return listField(fields, name).flatMap((item) => (typeof item === "string" ? [item] : []));
}

/** The first of `names` that holds an object; undefined when none does. */
export function objectField(fields: Fields, ...names: readonly string[]): Fields | undefined {
  for (const name of names) {
    const value = fields[name];
    if (isFields(value)) return value;
  }
  return undefined;
}
