/** The distinct words of a text: letters and digits, lower case. */
export function toWords(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

/** The share of `words` that occur in `text`, from 0 to 1, rounded to four decimals. */
export function toOverlap(words: ReadonlySet<string>, text: string): number {
  if (words.size === 0) return 0;
  const others = toWords(text);
  let shared = 0;
  for (const word of words) if (others.has(word)) shared += 1;
  return Math.round((shared / words.size) * 10_000) / 10_000;
}
