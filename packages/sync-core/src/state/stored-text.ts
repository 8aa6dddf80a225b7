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

/** Of a note or an alert. */
const maxCharacters = 4_000;

/** Text for people, as every database can hold it. */
export function toStoredWords(text: string): string {
  return text.slice(0, maxCharacters).toWellFormed().replaceAll("\0", "\ufffd");
}
