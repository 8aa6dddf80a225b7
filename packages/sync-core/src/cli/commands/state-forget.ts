import { ConfigError } from "../../contracts/errors.ts";
import type { Forgotten } from "../../contracts/state-transfer.ts";
import { attemptEach, failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { loadForCommand } from "../load-for-command.ts";
import { findState } from "../use-state.ts";

/**
 * Erases what is stored about one row, by its key: for a person who asked to be forgotten. The record at Personize stays, and a row
 * that is still in the source is new to the next run: both have to be seen to before.
 */
export async function stateForget(context: CommandContext, options: { readonly key: string }): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "unused",
    syncs: "selected",
    source: false,
    mapping: false,
  });
  if (config.syncs.length > 1 && context.options.only === null) {
    throw new ConfigError("the same key may mean different rows in different syncs, and there are several of them", {
      hint: "Name the sync with --only NAME.",
    });
  }
  const place = await findState(context, config);
  const nothing: Forgotten = { landed: false, parked: false, records: 0 };
  const attempts = await place.withExistingState((state) =>
    attemptEach(context, config.syncs, async (sync) => (await state?.forget(sync.name, options.key)) ?? nothing),
  );
  const failures = failuresOf(attempts);
  return {
    document: {
      command: "state forget",
      location: place.location,
      syncs: toEntries(attempts, (forgotten) => ({ forgotten })),
      exitCode: worstExitCode(
        failures.map(({ exitCode }) => exitCode),
        interruptOf(context.signal),
      ),
    },
    human: valuesOf(attempts)
      .map(({ sync, value }) => `${context.style.bold(sync.name)}: ${inWords(value)}`)
      .join("\n"),
    failures,
    isReport: false,
  };
}

function inWords({ landed, parked, records }: Forgotten): string {
  if (!landed && !parked && records === 0) return "nothing is stored about such a row.";
  const what = [
    ...(landed ? ["its digests"] : []),
    ...(parked ? ["why it was parked"] : []),
    ...(records > 0 ? ["that its record was to be deleted"] : []),
  ];
  return [
    `forgotten: ${what.join(", ")}.`,
    "Its record at Personize is still there; a row that is still in the source is sent again by the next run.",
    "Where reading stands, and receipts of earlier runs, may still name the key of a row at which a page ended.",
  ].join("\n  ");
}
