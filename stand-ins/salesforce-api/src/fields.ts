/** A JSON object whose members nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a plain JSON object: not null, not an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A non-empty text, or a number as text; undefined for anything else. */
export function textField(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return undefined;
}

/** A finite number, or a text that is one. */
export function numberField(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value === "") return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** The texts among an array's members; an empty array when there is no array. */
export function textsField(fields: Fields, name: string): readonly string[] {
  return listField(fields, name).flatMap((item) => (typeof item === "string" ? [item] : []));
}

/** An array; an empty one when there is none. */
export function listField(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  return Array.isArray(value) ? value : [];
}

/** An object; undefined when there is none. */
export function objectField(fields: Fields, name: string): Fields | undefined {
  const value = fields[name];
  return isFields(value) ? value : undefined;
}
