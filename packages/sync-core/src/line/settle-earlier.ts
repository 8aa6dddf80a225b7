import type { RecordKind } from "../contracts/line.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { LandedRow, SyncState, UnsettledBatch } from "../contracts/state.ts";
import type { Confirmations } from "./confirm.ts";
import { doubt, type Known } from "./doubt.ts";
import type { Echoes } from "./echoes.ts";
import { mayHaveLanded, mayStillLand } from "./judge.ts";

export interface SettleEarlierPorts {
  readonly state: SyncState;
  readonly known: Known;
  readonly runtime: Pick<Runtime, "now">;
  readonly confirmations: Confirmations;
  readonly echoes: Echoes;
  /** How a record is remembered beside the rows that landed in it; null: not at all. */
  readonly remember: (kind: RecordKind, record: string) => string | null;
  /** How long a copy of a batch whose reply was lost may still land. */
  readonly lateLandingMs: number;
}

/**
 * Settles what an earlier run left behind, before anything new is read. A batch whose event is known is followed to its end.
 * One whose fate is unknown becomes an echo for as long as it may land. Either way, rows without a good end are read again: the
 * checkpoint never passed them. Nor is it known any more what the destination holds of them, so that a row which has gone back
 * to the version before is sent, too.
 * @returns rows that turned out to have landed.
 */
export async function settleEarlier(ports: SettleEarlierPorts): Promise<number> {
  for (const echo of await ports.state.echoes()) ports.echoes.add(echo.rows, echo.untilMs);
  const earlier = await ports.state.unsettled();
  // One after the other: each doubt builds on the one before.
  for (const batch of earlier) if (batch.eventId === null) await letGo(batch, ports);
  const landed = await Promise.all(
    earlier.map(async (batch) => (batch.eventId === null ? 0 : await followUp(batch, batch.eventId, ports))),
  );
  return landed.reduce((sum, rows) => sum + rows, 0);
}

async function followUp(batch: UnsettledBatch, eventId: string, ports: SettleEarlierPorts): Promise<number> {
  const outcome = await ports.confirmations.confirm(eventId, batch.rows.length, null);
  const failures = outcome.state === "landed" ? [] : outcome.state === "partial" ? outcome.failures : null;
  const failed = new Set(failures?.map((failure) => failure.index));
  const landed = failures === null ? [] : batch.rows.filter((_, index) => !failed.has(index));
  const isDoubtful = batch.echoUntilMs !== null || mayHaveLanded(outcome);
  const echoUntilMs = mayStillLand(outcome) ? ports.runtime.now() + ports.lateLandingMs : batch.echoUntilMs;
  await settle(batch, landed, isDoubtful, echoUntilMs, ports);
  return landed.length;
}

async function letGo(batch: UnsettledBatch, ports: SettleEarlierPorts): Promise<void> {
  if (batch.sentAt === null) await ports.state.withdraw([batch.id]);
  else await settle(batch, [], true, batch.sentAt + ports.lateLandingMs, ports);
}

/** @param isDoubtful rows that are not known to have landed may have landed. */
async function settle(
  batch: UnsettledBatch,
  landedRows: UnsettledBatch["rows"],
  isDoubtful: boolean,
  untilMs: number | null,
  ports: SettleEarlierPorts,
): Promise<void> {
  const echoUntilMs = untilMs !== null && untilMs > ports.runtime.now() ? untilMs : null;
  // Also those that are silent by now: what lands of these records next is read back.
  if (untilMs !== null) ports.echoes.add(batch.rows, untilMs);
  const records = new Set(landedRows.map((row) => row.record));
  const all = [...batch.rows, ...batch.superseded];
  const landed = all
    .filter((row) => records.has(row.record))
    .map((row) => ({ ...toLanded(row), ...identityOf(row.record, batch, ports) }));
  const inDoubt = await doubt(
    isDoubtful ? all.filter((row) => !records.has(row.record)).map(toLanded) : [],
    ports.known,
  );
  await ports.state.settle({
    batchId: batch.id,
    landed: [...landed, ...inDoubt.landed],
    parked: inDoubt.parked,
    replacedBy: [],
    echoUntilMs,
  });
}

/** Not of one that an earlier version of this program wrote down: its record is found out when it is read again. */
function identityOf(
  record: string,
  { recordKind }: UnsettledBatch,
  { remember }: SettleEarlierPorts,
): Pick<LandedRow, "identity"> {
  const identity = recordKind === null ? null : remember(recordKind, record);
  return identity === null ? {} : { identity };
}

function toLanded({ key, digest }: UnsettledBatch["rows"][number]): LandedRow {
  return { key, digest };
}
