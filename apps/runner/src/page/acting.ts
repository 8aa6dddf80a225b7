import type { RunnerActions, SyncView } from "../contracts/runner-view.ts";

const ACTIONS = ["run", "retry", "pause", "resume", "cancel"] as const;
export type ActionName = (typeof ACTIONS)[number];

/** What was done, as the address of the next page carries it; the words stand here, so that no address can put words into the page. */
const SAID = {
  "run-queued": "Queued: it begins as soon as it may.",
  "run-already": "It was queued already.",
  "retry-queued": "Queued: its parked rows are tried again as soon as it may run.",
  "retry-already": "It was queued already; its parked rows are tried again with it.",
  paused: "Paused: its schedule fires no more. What runs goes on to its end.",
  resumed: "Resumed: its schedule fires again.",
  cancelling: "Being cancelled: what is in flight is settled first, and what landed is kept.",
  "taken-out": "Taken out of the queue: it does not run this time.",
  "cancel-none": "There was nothing to cancel.",
} as const;
export type Said = keyof typeof SAID;

export function findAction(name: string): ActionName | null {
  return ACTIONS.find((action) => action === name) ?? null;
}

export function saidInWords(code: string | undefined): string | null {
  return Object.entries(SAID).find(([known]) => known === code)?.[1] ?? null;
}

export async function act(actions: RunnerActions, action: ActionName, { name: sync, state }: SyncView): Promise<Said> {
  switch (action) {
    case "run":
      return `run-${await actions.runNow(sync)}`;
    case "retry":
      return `retry-${await actions.retry(sync)}`;
    case "pause":
      await actions.pause(sync);
      return "paused";
    case "resume":
      await actions.resume(sync);
      return "resumed";
    case "cancel":
      if ((await actions.cancel(sync)) === "none") return "cancel-none";
      return state === "queued" ? "taken-out" : "cancelling";
  }
}
