import type { EnginePort } from "../contracts/engine-port.ts";
import type { RunnerActions } from "../contracts/runner-view.ts";
import { HAND_PRIORITY } from "../engine/choose-next.ts";

/** What a person may ask for, as wishes to the engine. */
export function createRunnerActions(engine: EnginePort): RunnerActions {
  const enqueue = async (sync: string, kind: "sync" | "retry"): Promise<"queued" | "already"> => {
    const trigger = kind === "retry" ? "retry" : "hand";
    const id = await engine.enqueueRun({ sync, kind, trigger, priority: HAND_PRIORITY });
    return id === null ? "already" : "queued";
  };
  return {
    runNow: (sync) => enqueue(sync, "sync"),
    retry: (sync) => enqueue(sync, "retry"),
    pause: (sync) => engine.pause(sync),
    resume: (sync) => engine.resume(sync),
    async cancel(sync) {
      return (await engine.cancelRun(sync)) === "none" ? "none" : "cancelling";
    },
  };
}
