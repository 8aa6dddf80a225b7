import { TransientError } from "@acme/sync-core";
import {
  type CommandContext,
  type CommandResult,
  exitCodes,
  loadForCommand,
  type ProgramCommand,
} from "@acme/sync-core/program";
import { runnerConfig } from "../config.ts";

const ANSWERS_WITHIN_MS = 4000;

/** For those who watch a container from within: asks the runner of the same configuration whether it is alive. */
export const healthCommand: ProgramCommand = {
  name: "health",
  summary: "ask the runner of this configuration whether it is alive",
  examples: [""],
  run: health,
};

/** @throws TransientError when nothing answers, or not as a runner does. */
async function health(context: CommandContext): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "unused",
    syncs: "selected",
    source: false,
    mapping: false,
    runner: true,
  });
  const { host, port } = runnerConfig.parse(config.runner ?? {});
  const address = `http://${toReach(host)}:${port}/healthz`;
  let status: number;
  try {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]);
    ({ status } = await fetch(address, { signal }));
  } catch (error) {
    throw new TransientError(`nothing answers at ${address}`, { hint: "Is `runner serve` running?", cause: error });
  }
  if (status !== 200) throw new TransientError(`${address} answers with ${status}`, { hint: "Its log says why." });
  return {
    document: { command: "health", syncs: [], address, exitCode: exitCodes.done },
    human: `${address} answers.`,
    failures: [],
    isReport: false,
  };
}

/** Where to ask a server that listens on every address. */
function toReach(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
