import { ConfigError, TransientError } from "../../contracts/errors.ts";
import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { formatList } from "../human-format.ts";
import { printable } from "../text-width.ts";
import { attemptEach, failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { loadForCommand } from "../load-for-command.ts";
import { findState } from "../use-state.ts";

/**
 * Forgets cursors, digests, unsettled batches and parked rows of the chosen syncs; receipts and the quota ledger stay. Asks
 * before it does, unless `yes`; where nobody can be asked, `yes` is required.
 */
export async function stateReset(context: CommandContext, options: { readonly yes: boolean }): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "unused",
    syncs: "selected",
    source: false,
    mapping: false,
  });
  const place = await findState(context, config);
  if (!options.yes)
    await confirm(
      context,
      config.syncs.map((sync) => sync.name),
    );
  const attempts = await place.withExistingState((state) =>
    attemptEach(context, config.syncs, async (sync) => {
      const held = (await state?.summary(sync.name))?.heldBy ?? null;
      if (held !== null) {
        throw new TransientError(`a run is at work: ${printable(held.holder)}`, {
          hint: "Let it end, or stop it, before its state is taken away.",
        });
      }
      await state?.reset(sync.name);
    }),
  );
  const failures = failuresOf(attempts);
  const names = valuesOf(attempts).map(({ sync }) => sync.name);
  return {
    document: {
      command: "state reset",
      location: place.location,
      syncs: toEntries(attempts, () => ({ reset: true })),
      exitCode: worstExitCode(
        failures.map(({ exitCode }) => exitCode),
        interruptOf(context.signal),
      ),
    },
    human: names.length === 0 ? "" : `Forgotten: ${formatList(names)}. The next run reads from the beginning.`,
    failures,
    isReport: false,
  };
}

async function confirm(context: CommandContext, names: readonly string[]): Promise<void> {
  const { stdin, stderr } = context.io;
  if (!stdin.isTTY || !stderr.isTTY || context.options.json) {
    throw new ConfigError(
      "state reset forgets where the syncs stand, and there is nobody to ask whether that is meant",
      {
        hint: "Add --yes, and --only NAME to reset just one.",
      },
    );
  }
  stderr.write(
    `This forgets cursor, digests and parked rows of ${formatList(names)}. The next run reads everything again and sends every row again, which costs quota.\n`,
  );
  const answer = await stdin.ask("Go on? [y/N] ");
  if (!/^y(es)?$/i.test(answer.trim())) throw new ConfigError("nothing was reset", { hint: "Answer y to go on." });
}
