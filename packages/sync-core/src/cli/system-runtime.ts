import type { Runtime } from "../contracts/runtime.ts";

/** Real time and real chance. */
export function createSystemRuntime(): Runtime {
  return { now: () => Date.now(), sleep, random: () => Math.random() };
}

/** A timer that keeps the process alive, and leaves neither itself nor a listener behind. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      // Whatever the caller aborted with: an Interrupt at times, not an Error.
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    }, ms);
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
}
