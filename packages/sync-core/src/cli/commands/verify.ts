import type { VerifyReport } from "../../contracts/job.ts";
import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { exitCodes, worstExitCode } from "../exit-code.ts";
import { renderVerification } from "../render-verification.ts";
import { failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { loadForCommand } from "../load-for-command.ts";
import { attemptEachWithEngine } from "../with-engine.ts";

export interface VerifyCommandOptions {
  /** How many rows to read back; null: all of them. */
  readonly sample: number | null;
  readonly repair: boolean;
}

/**
 * Reads rows back and compares. Exit code 4 when rows differ or are missing and were not sent again: they need somebody's
 * attention, as parked rows do. With `--repair`: the exit code of the run that sent them.
 */
export async function verify(context: CommandContext, options: VerifyCommandOptions): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "required",
    syncs: "selected",
    source: true,
    mapping: true,
  });
  const { sample, repair } = options;
  const attempts = await attemptEachWithEngine(context, config, (job, engine) =>
    context.entries.verifySync(job, engine, { sample, repair, signal: context.signal }),
  );
  const failures = failuresOf(attempts);
  const reports = valuesOf(attempts).map(({ value }) => value);
  const codes = [...failures.map(({ exitCode }) => exitCode), ...reports.map(verifyExitCode)];
  return {
    document: {
      command: "verify",
      syncs: toEntries(attempts, (report) => ({ report })),
      exitCode: worstExitCode(codes, interruptOf(context.signal)),
    },
    human: renderVerification(reports, context.style),
    failures,
    isReport: true,
  };
}

function verifyExitCode(report: VerifyReport): number {
  if (report.repaired !== null) return report.repaired.exitCode;
  return report.missing.length + report.different.length > 0 ? exitCodes.parked : exitCodes.done;
}
