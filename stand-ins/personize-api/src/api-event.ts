import type { Fate } from "./fate.ts";
import type { Knobs } from "./knobs.ts";
import type { WritePart } from "./write-plan.ts";

/** Why one row did not land. `index` is its position in the batch. */
export interface RowFailure {
  readonly index: number;
  readonly email?: string;
  readonly content?: string;
  readonly code: string;
  readonly message: string;
}

export type EventPhase = "pending" | "processing" | "completed" | "partial" | "failed" | "stale";

/** One asynchronous write. */
export interface ApiEvent {
  readonly eventId: string;
  readonly sequence: number;
  readonly type: "memorize.batch" | "memorize" | "upsert";
  readonly createdAtMs: number;
  readonly processingAtMs: number;
  readonly rowCount: number;
  readonly source: string | undefined;
  readonly runName: string | undefined;
  readonly fate: Fate;
  /** Credits held back until the event is finished. */
  reservedCredits: number;
  /** Rows that have not been looked at yet; undefined afterwards. */
  parts: readonly WritePart[] | undefined;
  /** Undefined while in flight. */
  end: "completed" | "partial" | "failed" | "stale" | undefined;
  finishedAtMs: number | undefined;
  failures: readonly RowFailure[];
}

const vocabularies: Readonly<Record<Knobs["eventVocabulary"], Readonly<Record<EventPhase, string>>>> = {
  batch: words("pending", "processing", "completed", "partial_failure"),
  prompt: words("pending", "processing", "completed", "partial_completed"),
  context: words("received", "processing", "completed", "partial"),
  managed: words("queued", "running", "succeeded", "partial"),
};

export function toPhase(event: ApiEvent, nowMs: number): EventPhase {
  return event.end ?? (nowMs >= event.processingAtMs ? "processing" : "pending");
}

/** The status word of an event in the chosen vocabulary. */
export function toStatus(event: ApiEvent, nowMs: number, vocabulary: Knobs["eventVocabulary"]): string {
  return vocabularies[vocabulary][toPhase(event, nowMs)];
}

function words(pending: string, processing: string, completed: string, partial: string) {
  return { pending, processing, completed, partial, failed: "failed", stale: "failed_stale" };
}
