import { type Fields, numberField, textField } from "./fields.ts";

/** Throws RangeError when `name` holds no number. */
export function requireNumber(body: Fields, name: string): number {
  const value = numberField(body, name);
  if (value === undefined) throw new RangeError(`${name} must be a number`);
  return value;
}

/** Throws RangeError when `name` holds no text. */
export function requireText(body: Fields, name: string): string {
  const value = textField(body, name);
  if (value === undefined) throw new RangeError(`${name} must be a text`);
  return value;
}

/** Those of `names` that hold a text. */
export function pickTexts<Name extends string>(body: Fields, names: readonly Name[]): { [name in Name]?: string } {
  return pick(body, names, textField);
}

/** Those of `names` that hold a number. */
export function pickNumbers<Name extends string>(body: Fields, names: readonly Name[]): { [name in Name]?: number } {
  return pick(body, names, numberField);
}

/** Those of `names` that hold true or false. */
export function pickFlags<Name extends string>(body: Fields, names: readonly Name[]): { [name in Name]?: boolean } {
  return pick(body, names, (_, name) => {
    const value = body[name];
    return typeof value === "boolean" ? value : undefined;
  });
}

function pick<Name extends string, Value>(
  body: Fields,
  names: readonly Name[],
  read: (body: Fields, name: Name) => Value | undefined,
): { [name in Name]?: Value } {
  const picked: { [name in Name]?: Value } = {};
  for (const name of names) {
    const value = read(body, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
