import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { toReceiptFailure } from "../receipt-failure.ts";
import { renderReceipts } from "../render-receipts.ts";
import { plan } from "./plan.ts";
import { failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { loadForCommand } from "../load-for-command.ts";
import { attemptEachWithEngine } from "../with-engine.ts";

export interface SyncCommandOptions {
  readonly limit: number | null;
  readonly full: boolean;
  readonly dryRun: boolean;
  /** How many records each sync may delete at most; null: as configured. */
  readonly allowDeletes: number | null;
}

/** Rows shown by a dry run. */
const DRY_RUN_SAMPLES = 5;

/** Brings the rows across. Syncs run one after the other; one that fails does not stop the others. */
export async function sync(context: CommandContext, options: SyncCommandOptions): Promise<CommandResult> {
  const { limit, full, allowDeletes } = options;
  if (options.dryRun) return plan(context, { limit, full, samples: DRY_RUN_SAMPLES, command: "sync" });

  const config = await loadForCommand(context, {
    secretKey: "required",
    syncs: "selected",
    source: true,
    mapping: true,
  });
  const attempts = await attemptEachWithEngine(context, config, (job, engine) =>
    context.entries.runSync(job, engine, {
      limit,
      full,
      drain: context.signal,
      ...(allowDeletes === null ? {} : { allowDeletes }),
    }),
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
    failures: [...failures, ...receipts.flatMap(toReceiptFailure)],
    isReport: false,
  };
}
