/** Controls, what reverses or hides text (bidirectional marks, zero-width characters), separators of lines, and halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text from outside (keys, names, reasons) as it may be shown: what could reverse, hide or break it stands there as an escape, so
 * that two different keys never look alike. Pure.
 */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** The start of a text, with an ellipsis and its full length where something was cut off. Lengths in UTF-16 units. Pure. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, "")}… (${text.length.toLocaleString("en-US")} characters)`;
}
