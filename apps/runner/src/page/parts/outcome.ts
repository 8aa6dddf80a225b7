import { outcomeInWords, type RunOutcome } from "@acme/sync-core";
import { type Html, html } from "../html.ts";
import type { Level } from "../standing.ts";
import { icon } from "./icon.ts";

export const OUTCOME_LEVELS: Readonly<Record<RunOutcome, Level>> = {
  done: "good",
  "done-with-parked": "warn",
  quota: "warn",
  "gave-up": "warn",
  interrupted: "warn",
  failed: "bad",
};

export function outcomeBadge(outcome: RunOutcome): Html {
  const level = OUTCOME_LEVELS[outcome];
  return html`<span class="badge badge-${level}">${icon(level)} ${outcomeInWords(outcome)}</span>`;
}

/** As a heading. */
export function outcomeTitle(outcome: RunOutcome): string {
  return outcomeInWords(outcome).replace(/^./, (letter) => letter.toUpperCase());
}
