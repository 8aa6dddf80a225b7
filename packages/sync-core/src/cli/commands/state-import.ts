import { resolve } from "node:path";
import type { StatePiece } from "../../contracts/state-transfer.ts";
import { readStateFile } from "../../state/state-file.ts";
import { tableOf } from "../../state/state-tables.ts";
import type { CommandContext, CommandResult } from "../command-context.ts";
import { exitCodes } from "../exit-code.ts";
import { formatCountOf } from "../human-format.ts";
import { interruptible } from "../interruptible.ts";
import { loadForCommand } from "../load-for-command.ts";
import { findState } from "../use-state.ts";

/** Takes in a file that `state export` wrote: all of it or nothing, into a state without syncs unless `replace`. */
export async function stateImport(
  context: CommandContext,
  options: { readonly file: string; readonly replace: boolean },
): Promise<CommandResult> {
  const config = await loadForCommand(context, { secretKey: "unused", syncs: "none", source: false, mapping: false });
  const file = resolve(context.io.cwd, options.file);
  const pieces = (): AsyncIterable<StatePiece> => interruptible(readStateFile(file), context.signal);
  // Once to the end, before a state is made or touched for it.
  for await (const piece of pieces()) tableOf(piece);
  const place = await findState(context, config);
  const counts = await place.withState((state) => state.importAll(pieces(), { replace: options.replace }));
  return {
    document: { command: "state import", syncs: [], location: place.location, file, counts, exitCode: exitCodes.done },
    human: `Imported into ${place.location}: ${formatCountOf(counts.syncs, "sync")}, ${formatCountOf(counts.landedRows, "landed row")}, ${formatCountOf(counts.parkedRows, "parked row")}, ${formatCountOf(counts.unsettledBatches, "unsettled batch", "unsettled batches")}.`,
    failures: [],
    isReport: false,
  };
}
