import type { Json } from "./json.ts";
import type { Mapping } from "./mapping.ts";
import type { Batch, BatchLimits, RecordKind } from "./line.ts";

/**
 * What the engine asks of Personize. Every method is paced, counted and retried inside; what it throws is final:
 * AuthError, ConfigError (the request can never succeed), TransientError (the retry budget is spent), or QuotaStop.
 */
export interface Destination {
  /** `me()`: who we are and what the plan allows. Always the first call of a run. */
  account(signal: AbortSignal): Promise<Account>;
  /** `collections.list()`, all its pages. */
  collections(signal: AbortSignal): Promise<readonly Collection[]>;
  /**
   * Hands over one batch. Resolving means accepted at most; only an outcome means landed.
   * @param signal ends waiting and keeps further tries from being made; a request under way is not cut off.
   */
  send(batch: Batch, mapping: Mapping, passage: Passage, signal: AbortSignal): Promise<Delivery>;
  /**
   * Asks once about events, for as few calls as possible.
   * @param accepted event id → number of rows in its batch, oldest first.
   * @returns outcomes by event id; those that nothing was learned about are absent.
   */
  outcomes(accepted: ReadonlyMap<string, number>, signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>>;
  /** Reads one record back by its identity; null when it is not there (yet). `memories`: count its memories too, for one more call. */
  lookup(identity: IdentityValue, memories: boolean, signal: AbortSignal): Promise<StoredRecord | null>;
  /**
   * Deletes one record. Personize keeps it for 30 days, in which the deletion can be taken back (`cancelDeletion`).
   * @param reason is stored with the deletion.
   * @param leaving called and waited for right before every try of the deletion itself leaves. When it throws, the try is not made.
   * @returns `unseen` when no search shows it: there is no such record, or it landed so shortly before that searches lag behind.
   * `absent` when it was there and is no more. Costs two calls, one when it is unseen.
   */
  remove(
    identity: IdentityValue,
    reason: string,
    leaving: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<"deleted" | "absent" | "unseen">;
  /** What a batch may be under the plan. Known once {@link account} has answered; may change as the run learns. */
  batchLimits(): BatchLimits;
  /** What was spent since this destination was made. */
  spending(): Spending;
}

/** What happens to a batch on its way. Each is waited for. */
export interface Passage {
  /** Right before every try leaves; never called if none did. When it throws, the try is not made. */
  leaving(): Promise<void>;
  /** Before {@link Destination.send} resolves with `accepted`; the arguments are those of the delivery. */
  accepted(eventId: string, ambiguous: boolean): Promise<void>;
}

export interface Spending {
  /** Requests made, retries included. */
  readonly calls: number;
  readonly units: number;
  /** Milliseconds waited, by reason in words. Waits for one reason that overlap count once. */
  readonly waitedMs: Readonly<Record<string, number>>;
  /** What the requests under way wait for; null: none of them is waiting. */
  readonly waitingFor: string | null;
  /** Things a person should know, each once: a surface that is about to be retired, say. */
  readonly notices: readonly string[];
}

export interface Account {
  readonly organizationId: string;
  readonly planName: string;
  /** API calls a minute and a month; null when the plan does not state a limit. */
  readonly callsPerMinute: number | null;
  readonly callsPerMonth: number | null;
  /** Units used this month, as far as the ledger or the destination itself knows. */
  readonly usedThisMonth: number;
}

export interface Collection {
  readonly id: string;
  readonly name: string;
  readonly entityType: string | null;
  readonly properties: readonly CollectionProperty[];
}

export interface CollectionProperty {
  /** The names by which a mapping may call it (display name, system name). The first is the one that is sent. */
  readonly names: readonly string[];
  readonly appendOnly: boolean;
}

/** What came back from sending a batch. */
export type Delivery =
  | {
      readonly state: "accepted";
      readonly eventId: string /** An earlier attempt may have been accepted too. */;
      readonly ambiguous: boolean;
    }
  | { readonly state: "settled"; readonly outcome: Outcome; readonly ambiguous: boolean }
  /** Refused as a whole because of its content; nothing was written, unless by an earlier attempt (`ambiguous`). */
  | { readonly state: "refused"; readonly reason: string; readonly ambiguous: boolean };

/** What became of an accepted batch. */
export type Outcome =
  | { readonly state: "in-flight" }
  | { readonly state: "landed" }
  /** Some rows failed. null: the other side does not say which. */
  | { readonly state: "partial"; readonly failures: readonly RowFailure[] | null; readonly reason: string }
  /** Nothing landed. `again`: the fault lies with the other side (a stale worker), the same batch may be sent again. */
  | { readonly state: "failed"; readonly reason: string; readonly again: boolean }
  /** The credits ran out; rows without a success of their own did not land. */
  | { readonly state: "out-of-credits" }
  /** The other side does not know the event (any more). */
  | { readonly state: "vanished" };

export interface RowFailure {
  /** Position in the batch. */
  readonly index: number;
  readonly code: string;
  readonly reason: string;
}

export interface IdentityValue extends RecordKind {
  readonly value: string;
}

export interface StoredRecord {
  readonly recordId: string;
  readonly properties: Readonly<Record<string, Json>>;
  /** null: not asked for. */
  readonly memoryCount: number | null;
}

/** The month's quota (or the credit balance) is used up: stop cleanly, keep state, exit code 5. Not an error of the run. */
export class QuotaStop extends Error {
  override readonly name = "QuotaStop";
}
