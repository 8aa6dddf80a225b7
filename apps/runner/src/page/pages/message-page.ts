import { html } from "../html.ts";
import type { PageContent } from "../layout.ts";

/** A page that says one thing: not found, not allowed, refused. */
export function messagePage(title: string, text: string): PageContent {
  return {
    title,
    here: null,
    live: false,
    body: html`<section class="message"><h1>${title}</h1><p>${text}</p><p><a href="/">To the syncs</a></p></section>`,
  };
}
