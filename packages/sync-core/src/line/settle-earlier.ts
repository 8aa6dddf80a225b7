import type { Runtime } from "../contracts/runtime.ts";
import type { SyncState, UnsettledBatch } from "../contracts/state.ts";
import type { Confirmations } from "./confirm.ts";
import type { Echoes } from "./echoes.ts";

export interface SettleEarlierPorts {
  readonly state: SyncState;
  readonly runtime: Pick<Runtime, "now">;
  readonly confirmations: Confirmations;
  readonly echoes: Echoes;
  readonly lateLandingMs: number;
}

/**
 * Settles what an earlier run left behind, before anything new is read. A batch whose event is known is followed to its end.
 * One whose fate is unknown is forgotten once it can no longer land; until then it is an echo. Either way, rows without a
 * good end are read again: the checkpoint never passed them.
 * @returns rows that turned out to have landed.
 */
export async function settleEarlier(ports: SettleEarlierPorts): Promise<number> {
  const earlier = await ports.state.unsettled();
  const landed = await Promise.all(
    earlier.map((batch) => (batch.eventId === null ? listen(batch, ports) : followUp(batch, batch.eventId, ports))),
  );
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
  await ports.state.settle({ batchId: batch.id, landed, parked: [], replacedBy: [] });
  return landed.length;
}

async function listen(batch: UnsettledBatch, ports: SettleEarlierPorts): Promise<number> {
  const untilMs = batch.sentAt === null ? 0 : batch.sentAt + ports.lateLandingMs;
  if (untilMs <= ports.runtime.now()) await ports.state.withdraw([batch.id]);
  else ports.echoes.add(batch.rows, untilMs);
  return 0;
}
