import type { PlanReport } from "../../contracts/job.ts";
import type { CommandContext, CommandResult } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { interruptOf } from "../command-context.ts";
import { createProgressDisplay } from "../progress-display.ts";
import { renderPlans } from "../render-plan.ts";
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
  const display = createProgressDisplay(context.io, context.options, context.errorStyle);
  const attempts = await withState(context, config, (state) =>
    attemptEach(
      context,
      config.syncs,
      (sync): Promise<PlanReport> =>
        withSource(context, sync, async (source) => {
          const destination = createDestination(context, config, state, sync.connector.name);
          const engine = createEngine(context, config, state, destination, (progress) =>
            display.update(sync.name, progress),
          );
          const { limit, full, samples } = options;
          try {
            return await context.entries.planSync(toJob(sync, source), engine, {
              limit,
              full,
              samples,
              signal: context.signal,
            });
          } finally {
            display.finish();
          }
        }),
    ),
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
