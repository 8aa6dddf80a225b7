import { type Delivery, QuotaStop } from "../contracts/destination.ts";
import { TransientError } from "../contracts/errors.ts";
import type { Batch, BatchRow } from "../contracts/line.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { Confirmations } from "./confirm.ts";
import { deliver, type DeliverPorts } from "./deliver.ts";
import { doubt, type Known } from "./doubt.ts";
import type { Echoes } from "./echoes.ts";
import { type Ending, judge, mayHaveLanded, mayStillLand, toParked, type Verdict } from "./judge.ts";

export interface CarryPorts extends DeliverPorts {
  readonly runtime: Pick<Runtime, "now">;
  readonly confirmations: Confirmations;
  readonly echoes: Echoes;
  /** What is stored for these row keys. */
  readonly known: Known;
  readonly onSettled: (batch: Batch, verdict: Verdict) => void;
  /** At once when a batch fails for good, also while other parts of what it was are still under way. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Carries one batch, written down before, to its end: deliver → confirm → settle, and again for the batches that take its
 * place. Resolves when every row has landed or is parked; ends, well or not, only once nothing of it is under way.
 * @throws what stops the run: QuotaStop, AuthError, TransientError.
 */
export async function carry(batch: Batch, ports: CarryPorts, repeats = 0): Promise<void> {
  let again: readonly Batch[];
  try {
    again = await carryOnce(batch, ports, repeats);
  } catch (error) {
    ports.onFailed(error);
    throw error;
  }
  const isRepeat = again.length === 1;
  const ends = await Promise.allSettled(again.map((part) => carry(part, ports, isRepeat ? repeats + 1 : 0)));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** @returns the batches that take its place. */
async function carryOnce(batch: Batch, ports: CarryPorts, repeats: number): Promise<readonly Batch[]> {
  ports.sending.throwIfAborted();
  const delivery = await deliver(batch, ports);
  if (delivery.ambiguous) ports.echoes.add(batch.rows, ports.echoUntilMs());

  const ending = await endingOf(batch, delivery, ports);
  const verdict = judge(batch, ending, repeats, ports.destination.batchLimits());
  if (verdict.stop === "credits") throw new QuotaStop("Personize's credits ran out while a batch was being worked on");
  if (verdict.stop === "gave-up") {
    throw new TransientError(`Personize lost the same batch of ${batch.rows.length} rows ${repeats + 1} times`, {
      hint: "Its rows count as not landed. Run again later; if it goes on, report it to Personize.",
    });
  }
  const isDoubtful = delivery.ambiguous || mayHaveLanded(ending);
  const doubtful = isDoubtful ? batch.rows.filter((row) => !verdict.landed.includes(row)) : [];
  const echoUntilMs = delivery.ambiguous || mayStillLand(ending) ? ports.echoUntilMs() : null;
  if (echoUntilMs !== null) ports.echoes.add(batch.rows, echoUntilMs);
  await ports.state.settle({
    batchId: batch.id,
    landed: [
      ...verdict.landed.flatMap(withSuperseded),
      ...(await doubt(doubtful.flatMap(withSuperseded), ports.known)),
    ],
    parked: verdict.refused.flatMap(toParked),
    replacedBy: verdict.again,
    echoUntilMs,
  });
  ports.onSettled(batch, verdict);
  return verdict.again;
}

function withSuperseded(row: BatchRow): { readonly key: string; readonly digest: Uint8Array }[] {
  return [row, ...row.superseded];
}

async function endingOf(batch: Batch, delivery: Delivery, ports: CarryPorts): Promise<Ending> {
  switch (delivery.state) {
    case "refused":
      return delivery;
    case "settled":
      return delivery.outcome.state === "in-flight" ? { state: "vanished" } : delivery.outcome;
    case "accepted":
      return await ports.confirmations.confirm(delivery.eventId, batch.rows.length, ports.runtime.now());
  }
}
