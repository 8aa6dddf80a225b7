/** Waits until `isSo`. Unlike `expect.poll` it may be used by tests that run side by side. */
export async function until(what: string, isSo: () => boolean, timeoutMs = 30_000): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  while (!isSo()) {
    if (performance.now() > endsAt) throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
