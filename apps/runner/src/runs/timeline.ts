import { phaseInWords, type Progress, type RunQueue } from "@acme/sync-core";
import type { ListenToRun, RunOutcome } from "./run-listener.ts";

const TRIGGERS = {
  schedule: "Began by schedule",
  hand: "Began by hand",
  again: "Began again after the run before it",
  retry: "Began to try parked rows again",
} as const;
/** A shorter wait is not worth a line. */
const LONG_WAIT_MS = 10_000;
/** A run that waits for ever new things must not push out the beginning. */
const MAX_REMARKS = 60;

export interface TimelineOptions {
  readonly queue: Pick<RunQueue, "note">;
  readonly now: () => number;
  /** Takes secrets out of a text before it is kept. */
  readonly redact: (text: string) => string;
  readonly onError: (error: unknown) => void;
}

/** Writes the timeline of a run: how it began, its phases, long waits, remarks, how it ended. */
export function writeTimeline({ queue, now, redact, onError }: TimelineOptions): ListenToRun {
  return (run) => {
    const said = new Set<string>();
    let phase: Progress["phase"] | null = null;
    let wait: { readonly text: string; readonly since: number } | null = null;

    let written: Promise<void> = Promise.resolve();

    /** One after the other: a timeline has an order. */
    const write = (text: string): void => {
      const { sync, runId, trigger } = run;
      const note = { sync, runId, trigger, at: now(), text: redact(text) };
      written = written.then(() => queue.note(note)).catch(onError);
    };
    /** Once each, however often they come. */
    const remark = (text: string): void => {
      const known = text.replaceAll(/\d+/g, "#");
      if (said.has(known) || said.size >= MAX_REMARKS) return;
      said.add(known);
      write(text);
    };
    write(TRIGGERS[run.trigger]);

    return {
      progress(progress) {
        if (progress.phase !== phase) {
          phase = progress.phase;
          if (phase !== "finished") write(capitalised(phaseInWords(phase)));
        }
        for (const notice of progress.notices) remark(notice);
        const waitsFor = progress.waitingFor?.replaceAll(/\d+/g, "#") ?? null;
        if (waitsFor === null) wait = null;
        else if (wait?.text !== waitsFor) wait = { text: waitsFor, since: now() };
        else if (now() - wait.since >= LONG_WAIT_MS) remark(`Waits for ${progress.waitingFor ?? ""}`);
      },
      remark,
      ended(end) {
        write(endInWords(end));
        return written;
      },
    };
  };
}

/** How a run ended, in one sentence. Pure. */
export function endInWords(end: RunOutcome): string {
  switch (end.state) {
    case "ran":
      return end.receipt.message;
    case "nothing":
      return "Done; no row was parked";
    case "failed":
      return `Ended: ${end.message}${end.hint === null ? "" : `. ${end.hint}`}`;
    case "held":
      return `Could not begin: another run of the sync is at work (${end.holder}); it is tried again`;
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
