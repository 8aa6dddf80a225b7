import type { Receipt, RowCounts, RunOutcome, Runtime } from "@acme/sync-core";
import { coreVersion, type LoadedSync, sdkVersion } from "@acme/sync-core/program";
import type { ListenToRun } from "./run-listener.ts";

/**
 * Runs that could not begin have no receipt: nothing was read, and nothing was sent. What the page shows of them is kept here, as long
 * as this process lives; the alert about the last of them is kept in the state.
 */
export interface FailedStarts {
  readonly listen: ListenToRun;
  /** Newest first. */
  of(sync: string): readonly Receipt[];
}

const KEPT = 20;
const NO_ROWS: RowCounts = {
  read: 0,
  unchanged: 0,
  filtered: 0,
  superseded: 0,
  parked: 0,
  unsent: 0,
  sent: 0,
  landed: 0,
  refused: 0,
  deleted: 0,
};
const OUTCOMES: Readonly<Record<number, RunOutcome>> = {
  5: "quota",
  6: "gave-up",
  130: "interrupted",
  143: "interrupted",
};

export function createFailedStarts(syncs: readonly LoadedSync[], runtime: Pick<Runtime, "now">): FailedStarts {
  const bySync = new Map<string, readonly Receipt[]>();
  const configured = new Map(syncs.map((sync) => [sync.name, sync]));
  const versions = { core: coreVersion(), sdk: sdkVersion() };
  return {
    of: (sync) => bySync.get(sync) ?? [],
    listen: (run) => ({
      ended(end) {
        const sync = configured.get(run.sync);
        if (end.state !== "failed" || sync === undefined) return;
        const { exitCode, message, hint } = end;
        const receipt: Receipt = {
          sync: run.sync,
          runId: run.runId,
          startedAt: new Date(run.startedAt).toISOString(),
          finishedAt: new Date(runtime.now()).toISOString(),
          outcome: OUTCOMES[exitCode] ?? "failed",
          exitCode,
          message,
          hint,
          landingMs: null,
          versions: { ...versions, connector: sync.connector.version },
          configDigest: sync.digest,
          organizationId: "",
          proved: null,
          rows: NO_ROWS,
          calls: 0,
          units: 0,
          waitedMs: {},
          aiCharacters: 0,
          cursorBefore: null,
          cursorAfter: null,
          previousReceipt: null,
        };
        bySync.set(run.sync, [receipt, ...(bySync.get(run.sync) ?? [])].slice(0, KEPT));
      },
    }),
  };
}
