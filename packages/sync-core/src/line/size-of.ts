import type { Json } from "../contracts/json.ts";

/** Of a row's values as JSON text, with what separates it from the next. */
export interface RowSize {
  readonly characters: number;
  readonly bytes: number;
}

/** A character may be written as six (`\u0001`), or take three bytes. */
const LARGEST_CHARACTER = 6;
/** Numbers and truth values; about as long as a number can be. */
const PLAIN_CHARACTERS = 24;
/** Around a name, with the colon and the comma behind it. */
const PUNCTUATION = 4;
const QUOTES = 2;

/**
 * How large a row is. To write each as text only to measure it would take as long as its digest; so a row that is smaller than
 * `enough` however it is written is measured roughly, by the characters of its names and texts. Others are measured exactly.
 */
export function sizeOf(values: Readonly<Record<string, Json>>, enough: RowSize): RowSize {
  const rough = roughly(values);
  if (rough * LARGEST_CHARACTER <= Math.min(enough.characters, enough.bytes))
    return { characters: rough, bytes: rough };
  const text = JSON.stringify(values);
  return { characters: text.length, bytes: Buffer.byteLength(text) + 1 };
}

function roughly(values: Readonly<Record<string, Json>>): number {
  let characters = 2;
  for (const name in values) {
    const value = values[name] ?? null;
    characters += name.length + PUNCTUATION;
    if (typeof value === "string") characters += value.length + QUOTES;
    else characters += typeof value === "object" && value !== null ? JSON.stringify(value).length : PLAIN_CHARACTERS;
  }
  return characters;
}
