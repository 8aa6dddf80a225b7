import { TransientError } from "../contracts/errors.ts";
import type { Engine } from "../contracts/job.ts";
import type { SyncState } from "../contracts/state.ts";

/** A run that dies without a word blocks its sync for this long at most (less where its death can be seen). */
export const CLAIM_TTL_MS = 60_000;

/**
 * Claims a sync for this run: one run per sync at a time.
 * @throws TransientError that names the holder when another run is at it.
 */
export async function claim(sync: string, engine: Pick<Engine, "state" | "holder" | "isGone">): Promise<SyncState> {
  const claimed = await engine.state.claim(sync, engine.holder, CLAIM_TTL_MS);
  if (claimed !== null) return claimed;
  const holder = (await engine.state.summary(sync))?.heldBy?.holder ?? null;
  if (holder !== null && engine.isGone(holder)) {
    const takenOver = await engine.state.claim(sync, engine.holder, CLAIM_TTL_MS, holder);
    if (takenOver !== null) return takenOver;
  }
  throw new TransientError(`Another run of sync "${sync}" is at work${holder === null ? "" : `: ${holder}`}`, {
    hint: "One run per sync at a time: two would send each other's rows twice. Wait for it to end; `status` shows it.",
  });
}

/** Renews the claim until `signal` is aborted. @throws when the claim was lost: this run must not write any more. */
export async function keepClaim(state: SyncState, engine: Pick<Engine, "runtime">, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await engine.runtime.sleep(CLAIM_TTL_MS / 3, signal);
    await state.renew(CLAIM_TTL_MS);
  }
}
