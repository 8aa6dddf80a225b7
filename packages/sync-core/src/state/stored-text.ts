/** Marks text that is stored escaped. A control character that no key has any business starting with. */
const escaped = "\u001a";

/**
 * Text as the store keeps it: well-formed Unicode without NUL, which every database can hold and compare. Text that is
 * like that already, all of it in practice, stays as it is. Different texts stay different.
 */
export function toStoredText(text: string): string {
  if (text.isWellFormed() && !text.includes("\0") && !text.startsWith(escaped)) return text;
  return escaped + JSON.stringify(text);
}

/** The inverse of {@link toStoredText}. */
export function fromStoredText(stored: string): string {
  return stored.startsWith(escaped) ? String(JSON.parse(stored.slice(escaped.length))) : stored;
}
