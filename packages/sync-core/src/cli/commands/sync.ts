import type { Receipt } from "../../contracts/receipt.ts";
import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { createProgressDisplay } from "../progress-display.ts";
import { renderReceipts } from "../render-receipts.ts";
import {
  attemptEach,
  createDestination,
  createEngine,
  failuresOf,
  loadForCommand,
  toEntries,
  toJob,
  valuesOf,
  withSource,
  withState,
} from "../workspace.ts";
import { plan } from "./plan.ts";

export interface SyncCommandOptions {
  readonly limit: number | null;
  readonly full: boolean;
  readonly dryRun: boolean;
}

/** Rows shown by a dry run. */
const DRY_RUN_SAMPLES = 5;

/** Brings the rows across. Syncs run one after the other; one that fails does not stop the others. */
export async function sync(context: CommandContext, options: SyncCommandOptions): Promise<CommandResult> {
  const { limit, full } = options;
  if (options.dryRun) return plan(context, { limit, full, samples: DRY_RUN_SAMPLES, command: "sync" });

  const config = await loadForCommand(context, {
    secretKey: "required",
    syncs: "selected",
    source: true,
    mapping: true,
  });
  const display = createProgressDisplay(context.io, context.options, context.errorStyle);
  const attempts = await withState(context, config, (state) =>
    attemptEach(
      context,
      config.syncs,
      (loaded): Promise<Receipt> =>
        withSource(context, loaded, async (source) => {
          const destination = createDestination(context, config, state, loaded.connector.name);
          const engine = createEngine(context, config, state, destination, (progress) =>
            display.update(loaded.name, progress),
          );
          try {
            return await context.entries.runSync(toJob(loaded, source), engine, { limit, full, drain: context.signal });
          } finally {
            display.finish();
          }
        }),
    ),
  );
  const failures = failuresOf(attempts);
  const receipts = valuesOf(attempts).map(({ value }) => value);
  const codes = [...failures, ...receipts].map(({ exitCode }) => exitCode);
  return {
    document: {
      command: "sync",
      dryRun: false,
      syncs: toEntries(attempts, (receipt) => ({ receipt })),
      exitCode: worstExitCode(codes, interruptOf(context.signal)),
    },
    human: renderReceipts(receipts, context.style),
    failures,
    isReport: false,
  };
}
