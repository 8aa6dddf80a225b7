import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError } from "../../contracts/errors.ts";
import { type CommandContext, type CommandDocument, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { formatTimestamp } from "../human-format.ts";
import { readSyncMemory } from "../sync-memory.ts";
import { attemptEach, failuresOf, toEntries } from "../attempt-each.ts";
import { loadForCommand } from "../load-for-command.ts";
import { findState } from "../use-state.ts";

/** Receipts and parked rows without a practical limit. */
const ALL = 1_000_000;

/**
 * Everything that is known of the syncs as JSON: on stdout, or in `output`, which then only this user may read. Holds row
 * keys, never row contents.
 */
export async function stateExport(
  context: CommandContext,
  options: { readonly output: string | null },
): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "unused",
    syncs: "selected",
    source: false,
    mapping: false,
  });
  const place = await findState(context, config);
  const attempts = await place.lookIntoState((state) =>
    attemptEach(context, config.syncs, (sync) => readSyncMemory(state, sync.name, { receipts: ALL, parked: ALL })),
  );
  const failures = failuresOf(attempts);
  const file = options.output === null ? null : resolve(context.io.cwd, options.output);
  const document: CommandDocument = {
    command: "state export",
    exportedAt: formatTimestamp(context.io.now()),
    location: place.location,
    file,
    syncs: toEntries(attempts, (memory) => ({ ...memory })),
    exitCode: worstExitCode(
      failures.map(({ exitCode }) => exitCode),
      interruptOf(context.signal),
    ),
  };
  const text = JSON.stringify(document, null, 2);
  if (file === null) return { document, human: text, failures, isReport: true };
  try {
    await writeFile(file, `${text}\n`, { mode: 0o600 });
  } catch (error) {
    throw new ConfigError(`${file} cannot be written`, { hint: "Correct the path behind --output.", cause: error });
  }
  return { document, human: `Written to ${file}`, failures, isReport: false };
}
