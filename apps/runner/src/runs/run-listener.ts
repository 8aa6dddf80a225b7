import type { BatchEvent, Progress, Receipt } from "@acme/sync-core";
import type { EngineRun } from "../contracts/engine-port.ts";

/** Hears what happens during one run: its timeline, its log, its trace, the page. Never the contents of a row. */
export interface RunListener {
  progress?(progress: Progress): void;
  batch?(event: BatchEvent): void;
  /** Something a person should know. */
  remark?(text: string): void;
  /** Waited for before the run counts as over. */
  ended?(end: RunOutcome): void | Promise<void>;
}

/** How a run ended. */
export type RunOutcome =
  | { readonly state: "ran"; readonly receipt: Receipt }
  /** Nothing to do: no row was parked. */
  | { readonly state: "nothing" }
  /** It could not begin, or broke: nothing more was sent. */
  | {
      readonly state: "failed";
      readonly exitCode: number;
      readonly message: string;
      readonly hint: string | null;
    }
  /** Somebody else runs the sync; it is tried again. */
  | { readonly state: "held"; readonly holder: string };

export type ListenToRun = (run: EngineRun) => RunListener;

/** Tells all of them, in order. One that throws would break the run: none may. */
export function listenWithAll(listeners: readonly ListenToRun[]): ListenToRun {
  return (run) => {
    const all = listeners.map((listen) => listen(run));
    return {
      progress: (progress) => all.forEach((each) => each.progress?.(progress)),
      batch: (event) => all.forEach((each) => each.batch?.(event)),
      remark: (text) => all.forEach((each) => each.remark?.(text)),
      async ended(end) {
        for (const each of all) await each.ended?.(end);
      },
    };
  };
}
