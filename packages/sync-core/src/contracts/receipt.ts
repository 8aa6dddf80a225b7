import type { Cursor, ProvedInterval } from "./source.ts";

/** What a run leaves behind: the proof of what it did. Printed by `--json`, kept in the state store. */
export interface Receipt {
  readonly sync: string;
  readonly runId: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly outcome: RunOutcome;
  readonly exitCode: number;
  /** Why the run ended as it did, in one sentence. */
  readonly message: string;
  /** What to do about it; null when there is nothing to do. */
  readonly hint: string | null;
  /** How long the batch that landed last took from acceptance, in milliseconds; null: none landed. Tells the next run when to ask. */
  readonly landingMs: number | null;
  readonly versions: { readonly core: string; readonly connector: string; readonly sdk: string };
  /** Digest of the sync's configuration without its secrets. */
  readonly configDigest: string;
  readonly organizationId: string;
  readonly proved: ProvedInterval | null;
  readonly rows: RowCounts;
  /** Requests made, and what they cost of the plan's limits. */
  readonly calls: number;
  readonly units: number;
  /** Milliseconds waited, by reason. */
  readonly waitedMs: Readonly<Record<string, number>>;
  /** Records that were read back since a reply was lost; absent: none were. */
  readonly readBack?: ReadBackCounts;
  /** Records that were to be deleted and that no search has shown; absent: there were none. */
  readonly unseen?: UnseenCounts;
  /** Characters handed over for extraction. */
  readonly aiCharacters: number;
  readonly cursorBefore: Cursor | null;
  readonly cursorAfter: Cursor | null;
  /** SHA-256 of the previous receipt of this sync; null for the first. */
  readonly previousReceipt: string | null;
}

/** What reading back has shown of records of which a copy of unknown fate had left before. A sample of them. */
export interface ReadBackCounts {
  readonly records: number;
  /** Not as they were sent: their batches were sent once more. */
  readonly sentAgain: number;
  /** Not as they were sent after that, either; parked since. */
  readonly differing: number;
  /** Could not be looked at, or were not found even after they had been sent twice: nothing is inferred from that. */
  readonly unknown: number;
}

/** Records that were to be deleted and that no search has shown. Searches may lag behind what has landed. */
export interface UnseenCounts {
  /** A later run looks for them again. */
  readonly waiting: number;
  /** They were looked for during a day, and are no longer. */
  readonly givenUp: number;
}

/** read = unchanged + filtered + superseded + parked + unsent + sent; sent = landed + refused, once nothing is unsettled. */
export interface RowCounts {
  readonly read: number;
  readonly unchanged: number;
  /** Left out by `where`. */
  readonly filtered: number;
  /** Another row of the same page wrote the same record after it. */
  readonly superseded: number;
  /** Not sent: no identity, too large, or the same version was refused before. */
  readonly parked: number;
  /** Changed, but the run ended before they left; the next run reads them again. */
  readonly unsent: number;
  readonly sent: number;
  readonly landed: number;
  /** Sent, and refused by the destination; parked since. */
  readonly refused: number;
  /** Records deleted at the destination, since their rows are gone at the source. Not part of the rows read. */
  readonly deleted: number;
}

export type RunOutcome = "done" | "done-with-parked" | "quota" | "gave-up" | "interrupted" | "failed";
