import type { Runtime } from "../contracts/runtime.ts";
import type { KnownRow, SyncState, UnsettledBatch } from "../contracts/state.ts";
import type { Confirmations } from "./confirm.ts";
import type { Echoes } from "./echoes.ts";
import type { Listening } from "./listening.ts";

export interface SettleEarlierPorts {
  readonly state: SyncState;
  /** What is stored for these row keys. */
  readonly known: (keys: readonly string[]) => Promise<ReadonlyMap<string, KnownRow>>;
  readonly runtime: Pick<Runtime, "now">;
  readonly confirmations: Confirmations;
  readonly echoes: Echoes;
  readonly listening: Listening;
  readonly lateLandingMs: number;
}

/**
 * Settles what an earlier run left behind, before anything new is read. A batch whose event is known is followed to its end.
 * One whose fate is unknown is forgotten once it can no longer land; until then it is an echo. Either way, rows without a
 * good end are read again: the checkpoint never passed them. Nor is it known any more what the destination holds of them, so that
 * a row which has gone back to the version before is sent, too.
 * @returns rows that turned out to have landed.
 */
export async function settleEarlier(ports: SettleEarlierPorts): Promise<number> {
  const earlier = await ports.state.unsettled();
  const landed = await Promise.all(
    earlier.map((batch) => (batch.eventId === null ? listen(batch, ports) : followUp(batch, batch.eventId, ports))),
  );
  await ports.listening.withdrawSilent();
  return landed.reduce((sum, rows) => sum + rows, 0);
}

async function followUp(batch: UnsettledBatch, eventId: string, ports: SettleEarlierPorts): Promise<number> {
  const outcome = await ports.confirmations.confirm(eventId, batch.rows.length, null);
  const failed =
    outcome.state === "partial" && outcome.failures !== null
      ? new Set(outcome.failures.map((failure) => failure.index))
      : null;
  const landed =
    outcome.state === "landed"
      ? batch.rows
      : failed === null
        ? []
        : batch.rows.filter((_, index) => !failed.has(index));
  if (outcome.state !== "landed" && failed === null) await doubt(batch, ports);
  await ports.state.settle({ batchId: batch.id, landed, parked: [], replacedBy: [] });
  return landed.length;
}

async function listen(batch: UnsettledBatch, ports: SettleEarlierPorts): Promise<number> {
  const untilMs = batch.sentAt === null ? 0 : batch.sentAt + ports.lateLandingMs;
  if (batch.sentAt !== null) await doubt(batch, ports);
  ports.listening.add(batch.id, untilMs);
  if (untilMs > ports.runtime.now()) ports.echoes.add(batch.rows, untilMs);
  return 0;
}

/** What landed before of these rows may have been replaced by this batch. Where both are the same, nothing is in doubt. */
async function doubt(batch: UnsettledBatch, ports: SettleEarlierPorts): Promise<void> {
  const known = await ports.known(batch.rows.map((row) => row.key));
  const doubtful = batch.rows.filter((row) => {
    const landed = known.get(row.key)?.landed ?? null;
    return landed !== null && !Buffer.from(landed).equals(row.digest);
  });
  if (doubtful.length > 0) await ports.state.forgetRows(doubtful.map((row) => row.key));
}
