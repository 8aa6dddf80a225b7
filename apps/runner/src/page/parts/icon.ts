import { raw } from "hono/html";
import type { Html } from "../html.ts";
import type { Level } from "../standing.ts";

/** Shapes differ as well as colours. Always beside words, so hidden from screen readers. */
const SHAPES: Readonly<Record<Level | "busy" | "wait", string>> = {
  good: '<circle cx="8" cy="8" r="7" class="fill"/><path d="M4.8 8.3l2.2 2.2 4.2-4.6" class="line"/>',
  warn: '<path d="M8 1.2l7.2 13.2H.8z" class="fill"/><path d="M8 6v4M8 11.9v.7" class="line"/>',
  bad: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" class="fill"/><path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" class="line"/>',
  off: '<circle cx="8" cy="8" r="6" class="ring"/>',
  busy: '<circle cx="8" cy="8" r="6" class="ring"/><path d="M8 2a6 6 0 0 1 6 6" class="arc"/>',
  wait: '<circle cx="8" cy="8" r="6" class="ring"/><path d="M8 4.6V8l2.4 1.6" class="arc"/>',
};

const icons = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [
    name,
    raw(`<svg class="icon icon-${name}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${shape}</svg>`),
  ]),
);

export function icon(name: keyof typeof SHAPES): Html {
  return icons[name] ?? raw("");
}
