import { createHash } from "node:crypto";
import { fromStoredText, toStoredText } from "@acme/sync-core/state";

/** In bytes; two of them and an id fit into an index entry, which holds 2,704. */
const LONGEST = 1_000;
/** No stored text begins like this: behind the first character, which marks escaped text, stands a quotation mark there. */
const DIGESTED = "\u001a#";

/** A text as an index can hold it: different texts have different ones. */
export interface IndexedText {
  readonly text: string;
  /** The whole of it where `text` is its digest; null otherwise. */
  readonly whole: string | null;
}

export function toIndexedText(text: string): IndexedText {
  const stored = toStoredText(text);
  // A character takes three bytes at most (four for two of UTF-16): most texts need not be measured.
  if (3 * stored.length <= LONGEST || Buffer.byteLength(stored) <= LONGEST) return { text: stored, whole: null };
  return { text: DIGESTED + createHash("sha256").update(stored).digest("hex"), whole: stored };
}

/** The inverse of {@link toIndexedText}. */
export function fromIndexedText(text: string, whole: string | null): string {
  return fromStoredText(whole ?? text);
}
