import type { LeftRecord } from "../contracts/deletions.ts";
import type { Destination } from "../contracts/destination.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { SyncState } from "../contracts/state.ts";
import { CLAIM_TTL_MS } from "./claim.ts";
import type { Echoes } from "./echoes.ts";
import { recallRecord } from "./remembered-record.ts";

export interface DeleteLeftPorts {
  readonly sync: string;
  readonly state: Pick<SyncState, "left" | "miss" | "renew" | "strikeOff">;
  readonly destination: Pick<Destination, "remove">;
  readonly echoes: Pick<Echoes, "untilSilent">;
  readonly runtime: Pick<Runtime, "now">;
  readonly signal: AbortSignal;
  readonly onDeleted: () => void;
  /** No search has shown a record. `waiting`: a later run looks again. `given-up`: none does. */
  readonly onUnseen: (fate: "waiting" | "given-up") => void;
}

export const RECORDS_AT_ONCE = 100;
/** Fits no version: whatever may still land of a record is waited for. */
const NO_VERSION = new Uint8Array();
const MINUTE_MS = 60_000;
/**
 * How long after the first look in vain a record is looked for again. Searches show what has landed after some 5 minutes, work in
 * bulk may take a day (reference sections 7 and 8). Each look is a call.
 */
const LOOK_AGAIN_AFTER_MS: readonly number[] = [5 * MINUTE_MS, 60 * MINUTE_MS, 24 * 60 * MINUTE_MS];

/**
 * Deletes the records that were left behind, one by one. One that no search shows stays on the list: it may have landed so shortly
 * before that searches do not know of it yet. A later run looks for it again, a few times within a day; then it is taken not to be
 * there. Nobody waits for it.
 */
export async function deleteLeft(ports: DeleteLeftPorts): Promise<void> {
  for (;;) {
    const records = await ports.state.left(ports.runtime.now(), RECORDS_AT_ONCE);
    if (records.length === 0) return;
    for (const record of records) await deleteOne(record, ports);
  }
}

async function deleteOne({ identity, missedAt }: LeftRecord, ports: DeleteLeftPorts): Promise<void> {
  const { state, destination, echoes, runtime, signal, sync } = ports;
  signal.throwIfAborted();
  const record = recallRecord(identity);
  // A copy that lands late would bring the record back.
  await echoes.untilSilent([{ row: { record: record.value }, digest: NO_VERSION }], signal);
  const reason = `its row is gone at the source of sync "${sync}"`;
  // Whoever stood still meanwhile may have been replaced by a run that has landed the row again.
  const leaving = (): Promise<void> => state.renew(CLAIM_TTL_MS);
  const outcome = await destination.remove(record, reason, leaving, signal);
  if (outcome === "unseen") {
    const now = runtime.now();
    const firstAt = missedAt ?? now;
    const lookAt = LOOK_AGAIN_AFTER_MS.map((ms) => firstAt + ms).find((at) => at > now);
    ports.onUnseen(lookAt === undefined ? "given-up" : "waiting");
    if (lookAt !== undefined) {
      await state.miss(identity, firstAt, lookAt);
      return;
    }
  }
  if (outcome === "deleted") ports.onDeleted();
  await state.strikeOff(identity);
}
