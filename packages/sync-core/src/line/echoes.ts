import type { Runtime } from "../contracts/runtime.ts";

/** What is about to be done to a record, and with which version of it. */
export interface Sendable {
  readonly row: { readonly record: string };
  readonly digest: Uint8Array;
}

/**
 * Copies that may still land: when a reply is lost, nobody knows whether the batch was taken, and if it was, it may land late,
 * over a newer value. So a different version of such a record waits until no earlier copy can land any more. The same version
 * need not wait: landing twice changes nothing.
 */
export interface Echoes {
  add(rows: readonly { readonly record: string; readonly digest: Uint8Array }[], untilMs: number): void;
  /** True for a record of which a copy of unknown fate has left, though it may be too old to land by now. */
  concern(record: string): boolean;
  /** Waits as long as one of these rows must not be sent. */
  untilSilent(rows: readonly Sendable[], signal: AbortSignal): Promise<void>;
  /** When the wait under way will be over; null: nobody waits. */
  waitingUntilMs(): number | null;
}

export function createEchoes(runtime: Runtime): Echoes {
  const echoes = new Map<string, { digest: Buffer; untilMs: number }[]>();
  const concerned = new Set<string>();
  let waitingUntilMs: number | null = null;

  function latest(rows: readonly Sendable[]): number {
    const now = runtime.now();
    let untilMs = now;
    for (const { row, digest } of rows) {
      const found = echoes.get(row.record);
      if (found === undefined) continue;
      const alive = found.filter((echo) => echo.untilMs > now);
      if (alive.length === 0) echoes.delete(row.record);
      for (const echo of alive) if (!echo.digest.equals(digest)) untilMs = Math.max(untilMs, echo.untilMs);
    }
    return untilMs;
  }

  return {
    add(rows, untilMs) {
      for (const { record, digest } of rows) {
        concerned.add(record);
        echoes.set(record, [...(echoes.get(record) ?? []), { digest: Buffer.from(digest), untilMs }]);
      }
    },
    concern: (record) => concerned.has(record),
    async untilSilent(rows, signal) {
      if (echoes.size === 0) return;
      const untilMs = latest(rows);
      const waitMs = untilMs - runtime.now();
      if (waitMs <= 0) return;
      waitingUntilMs = untilMs;
      try {
        await runtime.sleep(waitMs, signal);
      } finally {
        waitingUntilMs = null;
      }
    },
    waitingUntilMs: () => waitingUntilMs,
  };
}
