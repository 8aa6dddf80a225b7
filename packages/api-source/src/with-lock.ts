import type { Runtime } from "@acme/sync-core";
import type { Lock } from "./files.ts";

/** How often whoever holds a lock shows that it lives. */
const RENEW_EVERY_MS = 10_000;
/** A lock that is not renewed for so long was left behind by a process that died. */
const SILENT_MS = 60_000;
const LOOK_AGAIN_MS = 100;

/**
 * Runs `work` while no other process that uses the same lock does, for as long as it takes.
 *
 * A lock that was left behind is told from one that is held by watching it: looks are counted, and no clock is asked, so that neither a
 * clock that jumps nor a machine that slept ends a lock. A process that stands still for a minute loses its lock all the same.
 * @param takeLock one look: takes the lock where nobody holds it.
 * @param signal ends the waiting, never the work.
 */
export async function withLock<Result>(
  takeLock: () => Promise<Lock>,
  runtime: Runtime,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = await waitFor(takeLock, runtime, signal);
  const over = new AbortController();
  const renewing = keepRenewing(lock, runtime, over.signal);
  try {
    return await work();
  } finally {
    over.abort();
    await renewing;
    await lock.end();
  }
}

async function waitFor(takeLock: () => Promise<Lock>, runtime: Runtime, signal: AbortSignal): Promise<Lock> {
  let version = "";
  let silentMs = 0;
  for (;;) {
    const lock = await takeLock();
    if (lock.isOurs) return lock;
    if (lock.version !== version) silentMs = 0;
    version = lock.version;
    if (silentMs >= SILENT_MS) await lock.end();
    else {
      await runtime.sleep(LOOK_AGAIN_MS, signal);
      silentMs += LOOK_AGAIN_MS;
    }
  }
}

async function keepRenewing(lock: Lock, runtime: Runtime, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await runtime.sleep(RENEW_EVERY_MS, signal);
      await lock.renew();
    }
  } catch {
    // The work is over. Or the file system fails, which is no reason to cut the work off: at worst the lock is taken for one left behind.
  }
}
