import { BugError, type RunQueue } from "@acme/sync-core";
import {
  type CommandContext,
  type CommandResult,
  describeHolder,
  exitCodes,
  findStateOpener,
  interruptExitCode,
  type LoadedConfig,
  loadForCommand,
  type ProgramCommand,
  withState,
} from "@acme/sync-core/program";
import { startServer } from "../http/start-server.ts";
import { createLog } from "../log.ts";
import { startTracing } from "../trace.ts";
import { createRunner } from "./create-runner.ts";
import { readSettings } from "./read-settings.ts";

/** How long answers that are under way may take once nothing runs any more. */
const SERVER_GRACE_MS = 1000;

export const serveCommand: ProgramCommand = {
  name: "serve",
  summary: "run the syncs by their schedules, with a page and metrics, until it is told to stop",
  examples: ["", "--config /etc/sync.config.yaml"],
  run: serve,
};

/**
 * Runs until the first SIGINT or SIGTERM. Everything that could be wrong is found out before anything runs. Log lines (JSON) go to
 * stderr. Exit code 0 when all runs ended in time; otherwise 130 or 143: what was left goes on with the next start.
 */
async function serve(context: CommandContext): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "required",
    syncs: "selected",
    source: true,
    mapping: true,
    runner: true,
  });
  const settings = readSettings(config, context.runtime.now());
  const { env, stderr, stdout } = context.io;
  const { version } = context.program;
  const log = createLog({
    level: env["LOG_LEVEL"] ?? null,
    write: (line) => stderr.write(line),
    now: () => context.io.now(),
    version,
  });

  return withState(context, config, async (state) => {
    const queue = await openRunQueue(context, config);
    try {
      const tracing = await startTracing({ env, version, onProblem: (error) => log.warn(String(error)) });
      const holder = describeHolder();
      const runner = createRunner({ context, config, settings, state, queue, holder, log, tracing });
      const server = await startServer(runner.app, settings.runner);
      await runner.start();
      const { options } = context;
      if (!options.json && !options.quiet) stdout.write(greeting(server.url, settings.access.token !== null));
      log.info({ address: server.url, syncs: config.syncs.length, holder }, "the runner is up");

      const interrupt = await interrupted(context.signal);
      log.info({ signal: interrupt.signal, graceMs: settings.runner.shutdownMs }, "the runner stops");
      const left = await runner.stop(interrupt);
      await server.stop(SERVER_GRACE_MS);
      await tracing?.stop();
      log.info({ left }, "the runner has stopped");
      const exitCode = left === 0 ? exitCodes.done : interruptExitCode(interrupt);
      // They hold the process up, and must not write to a state that is closed.
      if (left > 0) context.io.exitNow(exitCode);
      return {
        document: { command: "serve", syncs: [], left, exitCode },
        human: "Stopped.",
        failures: [],
        isReport: false,
      };
    } finally {
      await queue.close();
    }
  });
}

function greeting(url: string, hasToken: boolean): string {
  const how = hasToken ? "sign in with the token (runner.token)" : "it opens to this machine only";
  return `Page: ${url} (${how})\n`;
}

function interrupted(signal: AbortSignal): Promise<{ readonly signal: "SIGINT" | "SIGTERM" }> {
  return new Promise((resolve) => {
    const told = (): void => {
      const reason: unknown = signal.reason;
      const isTerm = typeof reason === "object" && reason !== null && "signal" in reason && reason.signal === "SIGTERM";
      resolve({ signal: isTerm ? "SIGTERM" : "SIGINT" });
    };
    if (signal.aborted) told();
    else signal.addEventListener("abort", told, { once: true });
  });
}

/** What runners remember lies where the syncs' state lies. */
async function openRunQueue(context: CommandContext, config: LoadedConfig): Promise<RunQueue> {
  const { state, directory } = config;
  const opener = await findStateOpener({ state, directory, stateBackends: context.stateBackends });
  const queue = await opener.openRunQueue({ now: () => context.io.now(), mode: "create" });
  if (queue === null) throw new BugError(`The run queue in ${opener.location} was not made.`);
  return queue;
}
