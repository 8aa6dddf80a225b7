import type { CommandContext, CommandResult } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { interruptOf } from "../command-context.ts";
import { renderPlans } from "../render-plan.ts";
import { failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { loadForCommand } from "../load-for-command.ts";
import { attemptEachWithEngine } from "../with-engine.ts";

export interface PlanCommandOptions {
  readonly limit: number | null;
  readonly full: boolean;
  /** How many rows to show as they would be sent. Row contents: only where somebody asked for them. */
  readonly samples: number;
  /** Under which name the plan is reported: `sync` for its `--dry-run`. */
  readonly command: "plan" | "sync";
}

/** What a run would do and cost. Sends nothing. */
export async function plan(context: CommandContext, options: PlanCommandOptions): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "required",
    syncs: "selected",
    source: true,
    mapping: true,
  });
  const { limit, full, samples } = options;
  const attempts = await attemptEachWithEngine(context, config, (job, engine) =>
    context.entries.planSync(job, engine, { limit, full, samples, signal: context.signal }),
  );
  const failures = failuresOf(attempts);
  const codes = failures.map((failure) => failure.exitCode);
  return {
    document: {
      command: options.command,
      ...(options.command === "sync" ? { dryRun: true } : {}),
      syncs: toEntries(attempts, (report) => ({ report })),
      exitCode: worstExitCode(codes, interruptOf(context.signal)),
    },
    human: renderPlans(
      valuesOf(attempts).map(({ value }) => value),
      context.style,
    ),
    failures,
    isReport: true,
  };
}
