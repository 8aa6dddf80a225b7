import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { attemptEach, failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { loadForCommand } from "../load-for-command.ts";
import { findState } from "../use-state.ts";

/** What is stored of every sync, as it is stored. Only looks at the state. */
export async function stateShow(context: CommandContext): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "unused",
    syncs: "selected",
    source: false,
    mapping: false,
  });
  const place = await findState(context, config);
  const attempts = await place.lookIntoState((state) =>
    attemptEach(context, config.syncs, async (sync) => ({
      summary: state === null ? null : await state.summary(sync.name),
    })),
  );
  const failures = failuresOf(attempts);
  const blocks = valuesOf(attempts).map(({ sync, value }) => {
    const stored = value.summary === null ? "nothing is stored" : JSON.stringify(value.summary, null, 2);
    return `${context.style.bold(sync.name)}: ${stored}`;
  });
  return {
    document: {
      command: "state show",
      location: place.location,
      syncs: toEntries(attempts, (details) => details),
      exitCode: worstExitCode(
        failures.map(({ exitCode }) => exitCode),
        interruptOf(context.signal),
      ),
    },
    human: [`State: ${place.location}`, ...blocks].join("\n"),
    failures,
    isReport: true,
  };
}
