/**
 * What runners remember, in the same place as the syncs they run, so that several of them may share it: wishes to run and who
 * is at them, which moments of a schedule have fired, what is paused, what happened during a run, and what was told already.
 * Every method is one transaction: it happens whole or not at all. Times are milliseconds since the epoch.
 * @throws as StateStore does.
 */
export interface RunQueue {
  /** For messages: where it is kept, without credentials. */
  readonly location: string;

  /**
   * Notes that a sync is to run. At most one wish a sync and kind waits; while a run of the sync is going on, one more is noted:
   * run again after this one.
   * @returns the entry's id; null when such a wish waits already. That one then has the higher of the two priorities, with
   * its trigger, and the earlier of the two times.
   */
  enqueue(wish: RunWish): Promise<string | null>;
  /** Everything that waits or runs, in the order in which it was noted. */
  entries(): Promise<readonly QueueEntry[]>;
  /**
   * Begins a run. The lease lasts `ttlMs` and is kept by {@link renew}. Of all who try, one succeeds.
   * @returns null when the entry is gone, somebody else's lease on it is alive, another entry of the sync is being run, or it was
   * cancelled; the choice among those that are due is the caller's.
   */
  take(id: string, holder: string, ttlMs: number): Promise<TakenRun | null>;
  /** `cancelled`: still held, and to be ended. `lost`: somebody else has it, or it is gone; nothing was written. */
  renew(run: RunLease, ttlMs: number): Promise<"held" | "cancelled" | "lost">;
  /** The run is over, for whatever reason. False when the lease was lost. */
  finish(run: RunLease): Promise<boolean>;
  /** The run did not come to its end and is to go on from `dueAt`. False when the lease was lost. A cancelled one is finished instead. */
  putBack(run: RunLease, dueAt: number): Promise<boolean>;
  /** A holder that is known to be gone: all of its runs wait again, each with a death more. @returns how many it had. */
  giveBack(holder: string): Promise<number>;
  /** Takes what waits of a sync out, and asks what runs to end. `cancelling`: something runs. `none`: nothing waited or ran. */
  cancel(sync: string): Promise<"cancelling" | "removed" | "none">;

  /**
   * From when on the moments of a schedule count.
   * @param expression what the moments are computed from; with another one than before, they count from `at` on.
   * @returns the last moment that has fired; `at` where there is none, or it lies more than a day after `at` (the clock was wrong).
   */
  beginSchedule(sync: string, expression: string, at: number): Promise<number>;
  /**
   * Fires a moment of a sync's schedule: it, and all before it, fire no more, and the wish is noted.
   * @returns true for exactly one of all who try; false also when a later moment has fired, or the sync is paused.
   */
  fire(moment: number, wish: RunWish): Promise<boolean>;
  /** Its schedule fires no more, and a wish that it left waiting is taken out. */
  pause(sync: string): Promise<void>;
  /** Moments up to `at` count as fired. */
  resume(sync: string, at: number): Promise<void>;
  /** Names of the syncs that are paused. */
  paused(): Promise<readonly string[]>;

  /** Adds to the timeline of a run. The newest 500 notes of a sync are kept, 4,000 characters of each. */
  note(note: RunNote): Promise<void>;
  /** Oldest first; empty: nothing is known of such a run (any more). */
  notes(sync: string, runId: string): Promise<readonly RunNote[]>;

  /** True for exactly one of all who raise it, until it is cleared. The text is replaced either way. */
  raiseAlert(alert: AlertName & { readonly text: string }): Promise<boolean>;
  /** Somebody was told. */
  markTold(alert: AlertName): Promise<void>;
  /** @returns the alert for exactly one of all who clear it; null: it was not raised (any more). */
  clearAlert(alert: AlertName): Promise<Alert | null>;
  /** Raised and not cleared, newest first. */
  alerts(): Promise<readonly Alert[]>;
  close(): Promise<void>;
}

/** Who or what wanted the run. `again`: it was wanted while another one was going on. */
export type RunTrigger = "schedule" | "hand" | "again" | "retry";

export interface RunWish {
  readonly sync: string;
  /** `retry`: of the parked rows. */
  readonly kind: "sync" | "retry";
  /** Of a wish of kind `sync` that is noted while a run is going on, `again` is stored. */
  readonly trigger: RunTrigger;
  /** Higher first. */
  readonly priority: number;
  /** Not before. */
  readonly dueAt: number;
}

export interface QueueEntry extends RunWish {
  readonly id: string;
  readonly enqueuedAt: number;
  /** Who runs it; null: it waits, or whoever ran it let the lease expire. */
  readonly heldBy: { readonly holder: string; readonly untilMs: number } | null;
  /** When it was last taken; null: not yet. */
  readonly takenAt: number | null;
  /** Asked to end. */
  readonly cancelled: boolean;
  /** How often in a row whoever ran it was gone before it had ended. */
  readonly deaths: number;
}

export interface RunLease {
  readonly id: string;
  /** Rises each time that the entry is taken. */
  readonly fence: number;
}

export interface TakenRun extends RunWish, RunLease {
  readonly takenAt: number;
}

/** A moment of a run, in words. Never the contents of a row. */
export interface RunNote {
  readonly sync: string;
  readonly runId: string;
  readonly trigger: RunTrigger;
  readonly at: number;
  readonly text: string;
}

export interface AlertName {
  /** Empty: about no single sync. */
  readonly sync: string;
  /** One word: `failed`, `stale`, … */
  readonly kind: string;
}

export interface Alert extends AlertName {
  readonly text: string;
  readonly raisedAt: number;
  /** null: nobody was told yet. */
  readonly toldAt: number | null;
}
