import type { Interrupt } from "../contracts/job.ts";
import type { CliIo } from "./cli-io.ts";
import { interruptExitCode } from "./exit-code.ts";

export interface SignalWatch {
  /** Aborted with an {@link Interrupt} by the first signal. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** The first SIGINT or SIGTERM asks the command to finish cleanly; the second ends the process at once. */
export function watchSignals(
  io: Pick<CliIo, "onSignal" | "exitNow">,
  onFirst: (interrupt: Interrupt) => void,
): SignalWatch {
  const controller = new AbortController();
  const stop = io.onSignal((signal) => {
    const interrupt: Interrupt = { signal };
    if (controller.signal.aborted) {
      io.exitNow(interruptExitCode(interrupt));
      return;
    }
    onFirst(interrupt);
    controller.abort(interrupt);
  });
  return { signal: controller.signal, stop };
}
