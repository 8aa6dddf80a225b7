import type { LoadedConfig } from "../../config/load-config.ts";
import type { StateStore } from "../../contracts/state.ts";
import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { lostRepliesInWords, type QuotaUse, renderQuota, renderStatus } from "../render-status.ts";
import { readSyncMemory } from "../sync-memory.ts";
import { attemptEach, failuresOf, toEntries, valuesOf } from "../attempt-each.ts";
import { ledgerKeyOf } from "../create-engine.ts";
import { loadForCommand } from "../load-for-command.ts";
import { findState } from "../use-state.ts";

const RECEIPTS = 5;
const PARKED_ROWS = 20;

/** What happened lately and where every sync stands. Only looks at the state: no network, no secrets needed, nothing changed. */
export async function status(context: CommandContext): Promise<CommandResult> {
  const config = await loadForCommand(context, {
    secretKey: "unused",
    syncs: "selected",
    source: false,
    mapping: false,
  });
  const place = await findState(context, config);
  return place.lookIntoState(async (state) => {
    const attempts = await attemptEach(context, config.syncs, (sync) =>
      readSyncMemory(state, sync.name, { receipts: RECEIPTS, parked: PARKED_ROWS }),
    );
    const quota = await readQuota(context, config, state);
    const failures = failuresOf(attempts);
    const blocks = valuesOf(attempts).map(({ sync, value }) =>
      renderStatus(sync.name, value, sync.deletes, context.io.now(), context.style),
    );
    const { lateLandingMs, readBackRecords } = config.engine;
    return {
      document: {
        command: "status",
        location: place.location,
        engine: { lateLandingMs, readBackRecords },
        quota,
        syncs: toEntries(attempts, (memory) => ({ ...memory })),
        exitCode: worstExitCode(
          failures.map(({ exitCode }) => exitCode),
          interruptOf(context.signal),
        ),
      },
      human: [...blocks, `${lostRepliesInWords(config.engine)}\n${renderQuota(quota)}`].join("\n\n"),
      failures,
      isReport: true,
    };
  });
}

async function readQuota(
  context: CommandContext,
  config: LoadedConfig,
  state: StateStore | null,
): Promise<QuotaUse | null> {
  const paceKey = ledgerKeyOf(config);
  if (paceKey === null) return null;
  const month = new Date(context.io.now()).toISOString().slice(0, 7);
  const limit = config.personize.limitsOverride?.perMonth ?? null;
  const usage = state === null ? null : await state.usage(paceKey, month);
  return { month, usage, limit: limit ?? usage?.providerLimit ?? null };
}
