import type { ReadBackCounts, UnseenCounts, Receipt, RunOutcome } from "../contracts/receipt.ts";
import { formatCount, formatCountOf, formatDuration, formatList } from "./human-format.ts";
import { provedInWords } from "./proved-in-words.ts";

const OUTCOMES: Readonly<Record<RunOutcome, string>> = {
  done: "done",
  "done-with-parked": "done, with parked rows",
  quota: "stopped by quota",
  "gave-up": "gave up for now",
  interrupted: "interrupted",
  failed: "failed",
};

export function outcomeInWords(outcome: RunOutcome): string {
  return OUTCOMES[outcome];
}

export function receiptDurationMs(receipt: Receipt): number {
  return Date.parse(receipt.finishedAt) - Date.parse(receipt.startedAt);
}

/** A receipt as sentences, one to a line. Pure. */
export function receiptInWords(receipt: Receipt): readonly string[] {
  const { rows } = receipt;
  const apart = [
    [rows.unchanged, "unchanged"],
    [rows.filtered, "left out by `where`"],
    [rows.superseded, "replaced by a later row of the same record"],
    [rows.parked, "parked"],
    [rows.sent, "sent"],
    [rows.unsent, "not sent any more"],
  ] as const;
  const parts = apart.filter(([count]) => count > 0).map(([count, name]) => `${formatCount(count)} ${name}`);
  const lines = [
    asSentence(receipt.message),
    `${formatCountOf(rows.read, "row")} read${parts.length === 0 ? "" : `: ${formatList(parts)}`}.`,
  ];
  if (rows.sent > 0) {
    const open = rows.sent - rows.landed - rows.refused;
    const fates = [
      `${formatCount(rows.landed)} landed`,
      ...(rows.refused > 0 ? [`${formatCount(rows.refused)} refused and parked`] : []),
      ...(open > 0 ? [`${formatCount(open)} not confirmed yet; the next run asks about them first`] : []),
    ];
    lines.push(`Of the rows sent, ${formatList(fates)}.`);
  }
  if (receipt.readBack !== undefined) lines.push(readBackInWords(receipt.readBack));
  if (rows.deleted > 0) {
    const records = formatCountOf(
      rows.deleted,
      "record was deleted, since its row is",
      "records were deleted, since their rows are",
    );
    lines.push(
      `${records} gone at the source; Personize can restore ${rows.deleted === 1 ? "it" : "them"} for 30 days.`,
    );
  }
  if (receipt.unseen !== undefined) lines.push(unseenInWords(receipt.unseen));
  lines.push(`Proved complete: ${provedInWords(receipt.proved)}.`);
  const characters =
    receipt.aiCharacters > 0 ? `; ${formatCountOf(receipt.aiCharacters, "character")} for AI extraction` : "";
  lines.push(
    `${formatCountOf(receipt.calls, "call")}, ${formatCountOf(receipt.units, "unit")} of the quota${characters}.`,
  );
  const waits = Object.entries(receipt.waitedMs)
    .filter(([, ms]) => ms >= 1000)
    .toSorted(([, left], [, right]) => right - left)
    .map(([reason, ms]) => `${formatDuration(ms)} for ${afterFor(reason)}`);
  if (waits.length > 0) lines.push(`Waited ${formatList(waits)}.`);
  return lines;
}

/** What reading back has shown, as a sentence. Pure. */
export function readBackInWords({ records, sentAgain, differing, unknown }: ReadBackCounts): string {
  const seen = `${formatCountOf(records, "record was", "records were")} read back after a lost reply`;
  const odd = [
    ...(sentAgain > 0
      ? [`${formatCount(sentAgain)} not as sent at first, so that their batches were sent once more`]
      : []),
    ...(differing > 0 ? [`${formatCount(differing)} not as sent even then, and parked`] : []),
    ...(unknown > 0 ? [`${formatCount(unknown)} that could not be found or looked at, which says nothing`] : []),
  ];
  return odd.length === 0 ? `${seen}: as sent.` : `${seen}: ${formatList(odd)}.`;
}

/** Which records were to be deleted and not to be seen, as sentences. Pure. */
export function unseenInWords({ waiting, givenUp }: UnseenCounts): string {
  const sentences: string[] = [];
  if (waiting > 0) {
    const records = formatCountOf(waiting, "record that was to be deleted is", "records that were to be deleted are");
    sentences.push(`${records} shown by no search (yet): later runs look again, for a day.`);
  }
  if (givenUp > 0) {
    const records = formatCountOf(givenUp, "record that was to be deleted was", "records that were to be deleted were");
    sentences.push(`${records} shown by no search for a day: taken not to be there.`);
  }
  return sentences.join(" ");
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Reasons are written to stand alone; some of them begin with the word that stands before them here. */
export function afterFor(reason: string): string {
  return reason.replace(/^for /, "");
}
