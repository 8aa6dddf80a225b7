import type { LoadedConfig } from "../../config/load-config.ts";
import type { Collection } from "../../contracts/destination.ts";
import type { Stream } from "../../contracts/source.ts";
import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { type Failure, toFailure } from "../error-report.ts";
import { worstExitCode } from "../exit-code.ts";
import { renderCollections, renderStream } from "../render-discovery.ts";
import { type CommandFinding, renderFindings } from "../render-findings.ts";
import { attemptEach, failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { loadForCommand } from "../load-for-command.ts";
import { readCollections } from "../read-collections.ts";
import { withSource } from "../with-engine.ts";

/**
 * What a mapping can be made of: streams with their fields, and the organisation's collections. Needs no mapping; without a
 * secret key the collections are left out, with a finding that says so.
 */
export async function discover(context: CommandContext): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "optional",
    syncs: "selected",
    source: true,
    mapping: false,
  });
  const attempts = await attemptEach(
    context,
    config.syncs,
    (sync): Promise<readonly Stream[]> => withSource(context, sync, (source) => source.streams(context.signal)),
  );
  const organisation = await readOrganisation(context, config);
  const failures = failuresOf(attempts);
  const codes = [...failures, ...(organisation.failure === null ? [] : [organisation.failure])];
  const { style } = context;
  return {
    document: {
      command: "discover",
      syncs: toEntries(attempts, (streams) => ({ streams })),
      collections: organisation.collections,
      findings: organisation.findings,
      exitCode: worstExitCode(
        codes.map(({ exitCode }) => exitCode),
        interruptOf(context.signal),
      ),
    },
    human: [
      ...valuesOf(attempts).flatMap(({ sync, value }) => value.map((stream) => renderStream(sync.name, stream, style))),
      ...(organisation.collections === null ? [] : [renderCollections(organisation.collections, style)]),
      ...(organisation.findings.length === 0 ? [] : [renderFindings(organisation.findings, style)]),
    ].join("\n\n"),
    failures,
    isReport: true,
  };
}

interface Organisation {
  readonly collections: readonly Collection[] | null;
  readonly findings: readonly CommandFinding[];
  readonly failure: Failure | null;
}

/** A fault on this side does not hide what the source has shown. */
async function readOrganisation(context: CommandContext, config: LoadedConfig): Promise<Organisation> {
  if (config.secretKey === null) {
    const hint = "Set PERSONIZE_SECRET_KEY or personize.secretKey to see them.";
    const message = "The organisation's collections are not shown: there is no Personize secret key.";
    return { collections: null, findings: [{ level: "warning", message, hint }], failure: null };
  }
  try {
    const collections = await readCollections(context, config);
    return { collections, findings: [], failure: null };
  } catch (error) {
    const failure = toFailure(error, interruptOf(context.signal));
    const { message, hint } = failure.report;
    return { collections: null, findings: [{ level: "error", message, hint }], failure };
  }
}
