/** What `promise` becomes, or the signal's reason as soon as it is aborted. The promise itself goes on. */
export async function unlessStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whether it loses the race or never starts in it, its failure must not count as an unhandled rejection.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  let aborted = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    aborted = () => reject(toError(signal.reason));
    signal.addEventListener("abort", aborted, { once: true });
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("stopped", { cause: reason });
}
