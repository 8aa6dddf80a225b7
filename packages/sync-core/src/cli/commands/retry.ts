import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { toReceiptFailure } from "../receipt-failure.ts";
import { renderRetries } from "../render-retries.ts";
import { failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { loadForCommand } from "../load-for-command.ts";
import { attemptEachWithEngine } from "../with-engine.ts";

/** Tries parked rows once more, as they are at the source now. Exit codes as those of `sync`; 0 where nothing was parked. */
export async function retry(context: CommandContext): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "required",
    syncs: "selected",
    source: true,
    mapping: true,
  });
  const attempts = await attemptEachWithEngine(context, config, (job, engine) =>
    context.entries.retrySync(job, engine, { drain: context.signal }),
  );
  const failures = failuresOf(attempts);
  const reports = valuesOf(attempts).map(({ value }) => value);
  const receipts = reports.flatMap(({ receipt }) => receipt ?? []);
  const codes = [...failures, ...receipts].map(({ exitCode }) => exitCode);
  return {
    document: {
      command: "retry",
      syncs: toEntries(attempts, ({ parked, gone, receipt }) => ({ parked, gone, receipt })),
      exitCode: worstExitCode(codes, interruptOf(context.signal)),
    },
    human: renderRetries(reports, context.style),
    failures: [...failures, ...receipts.flatMap(toReceiptFailure)],
    isReport: false,
  };
}
