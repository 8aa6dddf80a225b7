/** One memory per sentence or line, trimmed, empty ones dropped. The same text always gives the same list. */
export function toSentences(text: string): readonly string[] {
  return text
    .split(/(?<=[.!?])\s+|\r?\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

/** The texts inside a value that are worth extracting: a text itself, or the texts of a list. */
export function toExtractableTexts(value: unknown): readonly string[] {
  if (typeof value === "string") return value.trim() === "" ? [] : [value];
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is string => typeof item === "string" && item.trim() !== "");
}

/** Tokens of a text as the digest counts them: four characters each, rounded up. */
export function toTokenCount(text: string): number {
  return Math.ceil(text.length / 4);
}
