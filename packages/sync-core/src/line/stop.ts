import type { Interrupt } from "../contracts/job.ts";

/** Ends a run early: the first reason counts. Nothing new leaves after it; what is under way may finish. */
export interface Stop {
  /** Aborted with the first reason. */
  readonly signal: AbortSignal;
  readonly because: (reason: unknown) => void;
}

/** The reason of a stop that a person or an operating system asked for. */
export class Interrupted extends Error {
  readonly interrupt: Interrupt;

  constructor(interrupt: Interrupt) {
    super(interrupt.reason ?? `interrupted by ${interrupt.signal}`);
    this.name = "Interrupted";
    this.interrupt = interrupt;
  }
}

/** @param drain aborted with an {@link Interrupt} when the run is asked to end. */
export function createStop(drain: AbortSignal): Stop {
  const controller = new AbortController();
  const interrupted = (): void => controller.abort(new Interrupted(toInterrupt(drain.reason)));
  if (drain.aborted) interrupted();
  else drain.addEventListener("abort", interrupted, { once: true });
  return {
    signal: controller.signal,
    because: (reason) => {
      if (!controller.signal.aborted) controller.abort(reason);
    },
  };
}

function toInterrupt(reason: unknown): Interrupt {
  if (typeof reason !== "object" || reason === null) return { signal: "SIGTERM" };
  const signal = "signal" in reason && reason.signal === "SIGINT" ? "SIGINT" : "SIGTERM";
  return "reason" in reason && typeof reason.reason === "string" ? { signal, reason: reason.reason } : { signal };
}
