import { SyncError, type TransientError } from "../contracts/errors.ts";
import type { Runtime } from "../contracts/runtime.ts";

/** Passing faults of a source in a row, without an answer between them, before the run gives up. */
const MAX_FAULTS = 6;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 20_000;

export interface PatiencePorts {
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly onFault: (error: TransientError, waitMs: number) => void;
}

/** What is left of the readiness to ask a source again. */
export interface Patience {
  /** Waits before another try. @throws the error itself when it is no passing fault, or one too many in a row. */
  afterFault(error: unknown): Promise<void>;
  /** The source has answered. */
  restore(): void;
}

export function createPatience({ runtime, signal, onFault }: PatiencePorts): Patience {
  let faults = 0;
  return {
    async afterFault(error) {
      signal.throwIfAborted();
      faults += 1;
      if (!isTransient(error) || faults > MAX_FAULTS) throw error;
      const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (faults - 1));
      const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs / 2 + (backoffMs / 2) * runtime.random());
      onFault(error, waitMs);
      await runtime.sleep(waitMs, signal);
    },
    restore() {
      faults = 0;
    },
  };
}

function isTransient(error: unknown): error is TransientError {
  return SyncError.is(error) && error.kind === "transient";
}
