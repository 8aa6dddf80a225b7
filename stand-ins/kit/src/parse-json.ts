import { type Fields, isFields } from "./fields.ts";

/** The JSON that `text` is; undefined for the empty text, and for one that is no JSON. */
export function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The JSON object that `text` is, an empty one for the empty text; undefined for anything else. */
export function parseObject(text: string): Fields | undefined {
  const parsed = text === "" ? {} : parseJson(text);
  return isFields(parsed) ? parsed : undefined;
}
