import { type Html, html } from "../html.ts";

/** A share as a bar. @param marker another share to compare with, drawn as a line; null: none. */
export function bar(
  share: number,
  label: string,
  tone: "busy" | "good" | "warn" | "bad" | "plain",
  marker: number | null = null,
): Html {
  const percent = toPercent(share);
  return html`<svg class="bar bar-${tone}" role="img" aria-label="${label}"><rect class="bar-ground" width="100%" height="100%" rx="3"/><rect class="bar-fill" width="${percent}%" height="100%" rx="3"/>${marker !== null && html`<rect class="bar-marker" x="${toPercent(marker)}%" width="2" height="100%"/>`}</svg>`;
}

function toPercent(share: number): number {
  return Number.isFinite(share) ? Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10 : 0;
}
