import type { Alert, AlertName, RunQueue } from "@acme/sync-core";
import type { Told } from "./post-alert.ts";

/** Remembers what is wrong, and tells each change of it once. */
export interface Alerts {
  /** `text` null: it is right. Everybody is told of a change only; the newest text is kept. */
  set(name: AlertName, text: string | null): Promise<void>;
  /** Tells what nobody was told of yet: the webhook was out of reach, or the runner that was about to tell is gone. */
  tellUntold(): Promise<void>;
  /** Resolves when everything that is being told has been told, or failed. */
  idle(): Promise<void>;
}

export interface AlertsOptions {
  readonly queue: RunQueue;
  readonly now: () => number;
  /** Takes secrets out of a text before it is kept or told. */
  readonly redact: (text: string) => string;
  /** null: nobody is to be told. */
  readonly post: ((told: Told) => Promise<void>) | null;
  /** For the log. */
  readonly onChange: (told: Told) => void;
  readonly onProblem: (error: unknown) => void;
}

/** As long another runner may be busy telling it. */
const UNTOLD_MS = 120_000;

export function createAlerts({ queue, now, redact, post, onChange, onProblem }: AlertsOptions): Alerts {
  /** By alert: what is being told of it; one after the other, so that nobody hears that it is right before that it was wrong. */
  const telling = new Map<string, Promise<boolean>>();

  /** In the background: nothing waits for a webhook. */
  function tell(told: Told): void {
    if (post === null) return;
    const key = JSON.stringify([told.alert.sync, told.alert.kind]);
    const before = telling.get(key) ?? Promise.resolve(told.alert.toldAt !== null);
    const done = before.then(async (wasTold) => {
      // Who never heard that it was wrong need not hear that it is right.
      if (told.event === "cleared" && !wasTold) return false;
      try {
        await post(told);
        if (told.event === "raised") await queue.markTold(told.alert);
        return true;
      } catch (error) {
        onProblem(error);
        return false;
      }
    });
    telling.set(key, done);
    void done.then(() => {
      if (telling.get(key) === done) telling.delete(key);
    });
  }

  return {
    async set({ sync, kind }, found) {
      if (found === null) {
        const cleared = await queue.clearAlert({ sync, kind });
        if (cleared === null) return;
        onChange({ event: "cleared", alert: cleared });
        tell({ event: "cleared", alert: cleared });
        return;
      }
      const text = redact(found);
      if (!(await queue.raiseAlert({ sync, kind, text }))) return;
      const alert: Alert = { sync, kind, text, raisedAt: now(), toldAt: null };
      onChange({ event: "raised", alert });
      tell({ event: "raised", alert });
    },

    async tellUntold() {
      if (post === null || telling.size > 0) return;
      for (const alert of await queue.alerts()) {
        if (alert.toldAt === null && now() - alert.raisedAt > UNTOLD_MS) tell({ event: "raised", alert });
      }
    },

    async idle() {
      await Promise.all(telling.values());
    },
  };
}
