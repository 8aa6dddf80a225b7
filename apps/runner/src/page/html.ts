import { html as honoHtml } from "hono/html";
import { visibleText } from "./visible-text.ts";

/** A piece of a page, safe to put into another one. */
export type Html = ReturnType<typeof honoHtml>;

export type Insert = Html | string | number | null | false | readonly Insert[];

/**
 * The only way in which pages are written: every text put in is escaped, and what could reverse or hide it is made visible. Holds
 * between tags and in quoted attributes; attributes are always quoted.
 */
export function html(strings: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  return honoHtml(strings, ...inserts.map(toVisible));
}

/** Text that has to survive a round trip through a form exactly: escaped, and otherwise as it is. For `value="…"` only. */
export function exactly(text: string): Html {
  return honoHtml`${text}`;
}

/** One after another, with `separator` in between. */
export function joined(pieces: readonly Html[], separator: string): Insert {
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [separator, piece]));
}

function toVisible(insert: Insert): unknown {
  if (typeof insert === "string") return visibleText(insert);
  return Array.isArray(insert) ? insert.map(toVisible) : insert;
}
