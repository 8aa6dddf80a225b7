import { type Html, html } from "../html.ts";
import { cutText } from "../visible-text.ts";

/** A sentence of the engine, a source or the service: cut where it is long; names between backticks are set as such. */
export function prose(text: string, maxLength: number): Html {
  // Every second piece stood between backticks; a single backtick stays one.
  const pieces = cutText(text, maxLength).split(/`([^`\s](?:[^`]*[^`\s])?)`/);
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece))}`;
}
