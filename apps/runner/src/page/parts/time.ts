import { formatDuration } from "@acme/sync-core";
import { type Html, html } from "../html.ts";

const JUST_MS = 1500;
const HOUR_MS = 3_600_000;

/** `4 min ago`, `in 2 h 5 min`, `now`: below an hour the largest unit only. Pure. */
export function relativeInWords(at: number, now: number): string {
  const away = Math.abs(at - now);
  if (away < JUST_MS) return "now";
  const duration = formatDuration(away);
  const shown = away < HOUR_MS ? duration.split(" ").slice(0, 2).join(" ") : duration;
  return at < now ? `${shown} ago` : `in ${shown}`;
}

/** `2026-11-28 09:10:06 UTC`. Times that no calendar holds are said to be unknown. */
export function exactInWords(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "unknown" : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** How long ago, with the exact time in the element and on hovering. */
export function when(at: number, now: number): Html {
  const exact = exactInWords(at);
  if (exact === "unknown") return html`${exact}`;
  return html`<time datetime="${new Date(at).toISOString()}" title="${exact}">${relativeInWords(at, now)}</time>`;
}

/** How long ago, and the exact time beside it for those who do not hover. */
export function whenExactly(at: number, now: number): Html {
  return html`${when(at, now)} <span class="exact">${exactInWords(at)}</span>`;
}

export function whenOr(at: number | null, now: number, otherwise: string): Html {
  return at === null ? html`<span class="quiet">${otherwise}</span>` : when(at, now);
}
