import { SyncError } from "../contracts/errors.ts";
import type { Interrupt } from "../contracts/job.ts";
import { exitCodeOf, exitCodes, interruptExitCode, isQuotaStop } from "./exit-code.ts";

/** An error as `--json` shows it. */
export interface ErrorReport {
  readonly kind: "config" | "auth" | "transient" | "record" | "bug" | "quota" | "interrupted" | "unexpected";
  readonly message: string;
  readonly hint: string | null;
}

/** An error, what it is reported as, and the exit code it stands for. */
export interface Failure {
  readonly report: ErrorReport;
  readonly exitCode: number;
  /** As it was thrown: for `--debug`; null when it was not caught here. */
  readonly thrown: unknown;
}

/** @param interrupt the signal that came before, if one did: then whatever was thrown is its consequence. */
export function toFailure(thrown: unknown, interrupt: Interrupt | null): Failure {
  if (interrupt !== null) {
    const message = `interrupted by ${interrupt.signal}`;
    const report: ErrorReport = { kind: "interrupted", message, hint: "Run the command again to go on." };
    return { report, exitCode: interruptExitCode(interrupt), thrown };
  }
  if (isQuotaStop(thrown)) {
    const hint = "Nothing is lost: run the command again once there is quota.";
    return { report: { kind: "quota", message: thrown.message, hint }, exitCode: exitCodes.quota, thrown };
  }
  if (SyncError.is(thrown)) {
    const unexpected = thrown.kind === "bug" ? DEBUG_HINT : null;
    const report = { kind: thrown.kind, message: thrown.message, hint: thrown.hint ?? unexpected };
    return { report, exitCode: exitCodeOf(thrown), thrown };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    report: { kind: "unexpected", message: `unexpected: ${message}`, hint: DEBUG_HINT },
    exitCode: exitCodes.unexpected,
    thrown,
  };
}

const DEBUG_HINT = "This should not happen. Run the command again with --debug and report what it prints.";

/** Where an error came from, with everything that caused it, for `--debug`. */
export function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const stack = thrown.stack ?? String(thrown);
  return thrown.cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(thrown.cause)}`;
}
