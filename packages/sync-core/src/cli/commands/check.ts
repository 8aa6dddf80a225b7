import type { LoadedConfig, LoadedSync } from "../../config/load-config.ts";
import type { CheckReport } from "../../contracts/job.ts";
import type { Source } from "../../contracts/source.ts";
import type { StateStore } from "../../contracts/state.ts";
import { type CommandContext, type CommandResult, interruptOf, type SyncFailure } from "../command-context.ts";
import { toFailure } from "../error-report.ts";
import { worstExitCode } from "../exit-code.ts";
import { formatCount, formatCountOf, indent } from "../human-format.ts";
import { type CommandFinding, renderFindings } from "../render-findings.ts";
import { planInWords } from "../render-plan.ts";
import { attemptEach } from "../attempt-each.ts";
import { createDestination, createEngine, toJob } from "../create-engine.ts";
import { loadForCommand } from "../load-for-command.ts";
import { withState } from "../use-state.ts";
import { withSource } from "../with-engine.ts";

interface Checked {
  readonly sync: LoadedSync;
  readonly findings: readonly CommandFinding[];
  readonly report: CheckReport | null;
  /** Why the sync could not run; null when it could. */
  readonly failure: SyncFailure | null;
}

/**
 * Credentials, permissions, plan and mapping of every sync; each finding with what to do. Goes as far as an incomplete
 * configuration allows: without a secret key or a mapping the source is still checked.
 */
export async function check(context: CommandContext): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "optional",
    syncs: "selected",
    source: true,
    mapping: false,
    schedules: context.runner !== null,
  });
  const attempts = await withState(context, config, (state) =>
    attemptEach(context, config.syncs, (sync) => checkOne(context, config, state, sync)),
  );
  const checked: readonly Checked[] = attempts.map((attempt) =>
    attempt.failure === null
      ? attempt.value
      : { sync: attempt.sync, findings: [toFinding(attempt.failure)], report: null, failure: attempt.failure },
  );
  const failures = checked.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  const exitCode = worstExitCode(
    failures.map((failure) => failure.exitCode),
    interruptOf(context.signal),
  );
  const others = config.otherSyncs.map(({ name, connector }) => `${name} (${connector})`);
  return {
    document: {
      command: "check",
      syncs: checked.map(({ sync, findings, report, failure }) => ({
        sync: sync.name,
        connector: sync.connector.name,
        findings,
        report,
        ...(failure === null ? {} : { error: failure.report }),
      })),
      exitCode,
    },
    human: [
      ...checked.map(({ sync, findings }) => {
        return `${context.style.bold(sync.name)} (${sync.connector.name})\n${indent(renderFindings(findings, context.style), 2)}`;
      }),
      ...(others.length > 0 ? [`Not checked, they use other connectors: ${others.join(", ")}`] : []),
    ].join("\n\n"),
    // Already among the findings; said twice they would look like more.
    failures: context.options.debug ? failures : [],
    isReport: true,
  };
}

async function checkOne(
  context: CommandContext,
  config: LoadedConfig,
  state: StateStore,
  sync: LoadedSync,
): Promise<Checked> {
  const warnings = keyWarnings(config);
  const own = ownFailure(context, config, sync);
  const others = own === null ? [] : [toFinding(own)];
  return withSource(context, sync, async (source): Promise<Checked> => {
    try {
      const destination = createDestination(context, config, state, sync.connector.name);
      const engine = createEngine(context, config, state, destination, () => {});
      const report = await context.entries.checkSync(toJob(sync, source), engine, context.signal);
      return {
        sync,
        findings: [...successes(report), ...report.findings, ...warnings, ...others],
        report,
        failure: own,
      };
    } catch (error) {
      const failure: SyncFailure = { ...toFailure(error, interruptOf(context.signal)), sync: sync.name };
      const findings = [...(await checkSource(context, source, failure)), ...warnings, ...others, toFinding(failure)];
      return { sync, findings, report: null, failure };
    }
  });
}

/** Why this program could not run the sync, whatever its source and mapping; null: nothing speaks against it. */
function ownFailure(context: CommandContext, config: LoadedConfig, sync: LoadedSync): SyncFailure | null {
  try {
    context.runner?.checkSync?.(sync, config.runner, context.runtime.now());
    return null;
  } catch (error) {
    return { ...toFailure(error, null), sync: sync.name };
  }
}

/** What can be said of the source alone, when the check of the whole did not come to its end. */
async function checkSource(
  context: CommandContext,
  source: Source,
  failure: SyncFailure,
): Promise<readonly CommandFinding[]> {
  if (context.signal.aborted) return [];
  try {
    return [sourceAnswers, ...(await source.check(context.signal))];
  } catch (error) {
    const finding = toFinding({ ...toFailure(error, interruptOf(context.signal)), sync: failure.sync });
    return finding.message === failure.report.message ? [] : [finding];
  }
}

const sourceAnswers: CommandFinding = { level: "ok", message: "The source answers; its credentials work.", hint: null };

/** What is proved by the check having come to its end. */
function successes({ account, collections, stream }: CheckReport): readonly CommandFinding[] {
  const used = `${formatCount(account.usedThisMonth)} used this month`;
  const limits = planInWords(account.planName, account.callsPerMinute, account.callsPerMonth);
  const cursor =
    stream.cursorField === null ? "compared in full on every run" : `changes are found by ${stream.cursorField}`;
  return [
    {
      level: "ok",
      message: `Personize accepts the key (organisation ${account.organizationId}). ${limits}; ${used}.`,
      hint: null,
    },
    {
      ...sourceAnswers,
      message: `The source answers: ${stream.name}, ${formatCountOf(stream.fields.length, "field")}; ${cursor}.`,
    },
    {
      level: "ok",
      message: `The mapping fits the source and the organisation's collections (${formatCount(collections.length)}).`,
      hint: null,
    },
  ];
}

function keyWarnings(config: LoadedConfig): readonly CommandFinding[] {
  if (config.secretKey === null || config.secretKey.startsWith("sk_")) return [];
  const hint = "Check that it is a secret key, not a public or an old one.";
  return [{ level: "warning", message: "The Personize key does not start with sk_.", hint }];
}

function toFinding({ report }: SyncFailure): CommandFinding {
  return { level: "error", message: report.message, hint: report.hint };
}
