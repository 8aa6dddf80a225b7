import { QuotaStop } from "../contracts/destination.ts";
import { SyncError } from "../contracts/errors.ts";
import type { Interrupt } from "../contracts/job.ts";

/**
 * 0 done · 1 unexpected · 2 configuration · 3 credentials or permission · 4 done, with parked rows · 5 stopped by quota,
 * resumable · 6 gave up on a passing fault, resumable · 130/143 interrupted after a clean checkpoint.
 */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  config: 2,
  auth: 3,
  parked: 4,
  quota: 5,
  gaveUp: 6,
} as const;

/** From what a person has to look at first to what can wait. */
const WORST_FIRST: readonly number[] = [1, 2, 3, 6, 5, 4, 0];

/** The exit code that an error stands for. Pure. */
export function exitCodeOf(error: unknown): number {
  if (isQuotaStop(error)) return exitCodes.quota;
  if (!SyncError.is(error)) return exitCodes.unexpected;
  switch (error.kind) {
    case "config":
      return exitCodes.config;
    case "auth":
      return exitCodes.auth;
    case "transient":
      return exitCodes.gaveUp;
    case "record":
      return exitCodes.parked;
    case "bug":
      return exitCodes.unexpected;
  }
}

/** One exit code for several syncs. An interruption wins over everything; a code nobody knows counts as unexpected. Pure. */
export function worstExitCode(codes: readonly number[], interrupt: Interrupt | null = null): number {
  if (interrupt !== null) return interruptExitCode(interrupt);
  const interrupted = codes.find((code) => code === 130 || code === 143);
  if (interrupted !== undefined) return interrupted;
  if (codes.some((code) => !WORST_FIRST.includes(code))) return exitCodes.unexpected;
  return WORST_FIRST.find((code) => codes.includes(code)) ?? exitCodes.done;
}

/** 128 + the number of the signal, as shells have it. */
export function interruptExitCode(interrupt: Interrupt): number {
  return interrupt.signal === "SIGINT" ? 130 : 143;
}

/** By name as well: another installed copy of this package has a class of its own. */
export function isQuotaStop(error: unknown): error is Error {
  return error instanceof QuotaStop || (error instanceof Error && error.name === "QuotaStop");
}
