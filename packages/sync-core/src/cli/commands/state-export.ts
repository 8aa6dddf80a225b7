import { resolve } from "node:path";
import { ConfigError } from "../../contracts/errors.ts";
import { writeStateFile } from "../../state/state-file.ts";
import type { CommandContext, CommandResult } from "../command-context.ts";
import { exitCodes } from "../exit-code.ts";
import { formatCountOf, formatTimestamp } from "../human-format.ts";
import { interruptible } from "../interruptible.ts";
import { loadForCommand } from "../load-for-command.ts";
import { findState } from "../use-state.ts";

/**
 * Writes everything that the state holds to a file which only this user may read: of all syncs, also those of other programs, or of
 * those that `--only` names. Row keys and digests, never row contents.
 */
export async function stateExport(
  context: CommandContext,
  options: { readonly output: string | null },
): Promise<CommandResult> {
  if (options.output === null) {
    throw new ConfigError("state export writes a file, and none is named", { hint: "Add --output FILE." });
  }
  const config = await loadForCommand(context, {
    secretKey: "unused",
    syncs: context.options.only === null ? "none" : "selected",
    source: false,
    mapping: false,
  });
  const file = resolve(context.io.cwd, options.output);
  const place = await findState(context, config);
  const chosen = context.options.only === null ? null : config.syncs.map((sync) => sync.name);
  const exportedAt = formatTimestamp(context.io.now());
  const rows = await place.lookIntoState(async (state) => {
    if (state === null) {
      throw new ConfigError(`there is no state at ${place.location} yet`, { hint: "Run a sync first." });
    }
    return writeStateFile(file, { exportedAt }, interruptible(state.exportAll(chosen), context.signal));
  });
  return {
    document: {
      command: "state export",
      syncs: [],
      exportedAt,
      location: place.location,
      file,
      rows,
      exitCode: exitCodes.done,
    },
    human: `Written to ${file}: ${formatCountOf(rows, "row")}.`,
    failures: [],
    isReport: false,
  };
}
