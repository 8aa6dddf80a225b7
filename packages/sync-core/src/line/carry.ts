import { type Delivery, QuotaStop } from "../contracts/destination.ts";
import { TransientError } from "../contracts/errors.ts";
import type { Batch, BatchRow, RecordKind } from "../contracts/line.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { LandedRow } from "../contracts/state.ts";
import { bisect, type BisectPorts, type Sent } from "./bisect.ts";
import type { Confirmations } from "./confirm.ts";
import { deliver, type DeliverPorts } from "./deliver.ts";
import { doubt, type Known } from "./doubt.ts";
import type { Echoes } from "./echoes.ts";
import { asSeen, type Ending, judge, mayHaveLanded, mayStillLand, toParked, type Verdict } from "./judge.ts";
import type { ReadBack } from "./read-back.ts";

export interface CarryPorts extends DeliverPorts {
  readonly runtime: Pick<Runtime, "now">;
  readonly confirmations: Confirmations;
  readonly echoes: Echoes;
  readonly readBack: Pick<ReadBack, "look">;
  /** What is stored for these row keys. */
  readonly known: Known;
  /** How a record is remembered beside the rows that landed in it; null: not at all. */
  readonly remember: (kind: RecordKind, record: string) => string | null;
  readonly onSettled: (batch: Batch, verdict: Verdict) => void;
  /** Batches that had not left are written down in another form. */
  readonly onReplaced: (batches: readonly Batch[], by: readonly Batch[]) => void;
  /** At once when a batch fails for good, also while other parts of what it was are still under way. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Carries one batch, written down before, to its end: deliver → confirm → read back → settle, once more where the service lost it, and
 * searched for the rows at fault where it is refused as a whole. Resolves when every row has landed or is parked; ends, well or
 * not, only once nothing of it is under way.
 * @throws what stops the run: QuotaStop, AuthError, TransientError.
 */
export async function carry(batch: Batch, ports: CarryPorts): Promise<void> {
  try {
    const sent = await send(batch, ports);
    if (sent.state === "refused") await bisect(batch, sent, searching(ports));
  } catch (error) {
    ports.onFailed(error);
    throw error;
  }
}

function searching(ports: CarryPorts): BisectPorts {
  return {
    send: (part) => send(part, ports),
    limits: () => ports.destination.batchLimits(),
    async replace(batches, by) {
      const [first, ...others] = batches;
      if (first === undefined) return;
      // What takes their place is there before the last of them is gone: nothing is unknown to the state meanwhile.
      await ports.state.settle({ batchId: first.id, landed: [], parked: [], replacedBy: by });
      if (others.length > 0) await ports.state.withdraw(others.map(({ id }) => id));
      ports.onReplaced(batches, by);
    },
    async park(single, reason) {
      const refused = single.rows.map((row) => ({ row, code: "REFUSED", reason }));
      await ports.state.settle({
        batchId: single.id,
        landed: [],
        parked: refused.flatMap(toParked),
        replacedBy: [],
      });
      ports.onReplaced([single], []);
      ports.onSettled(single, { landed: [], refused, again: [], suspect: null, stop: null });
    },
  };
}

/** Sends a batch until the service has not lost it. */
async function send(batch: Batch, ports: CarryPorts): Promise<Sent> {
  let sending = batch;
  let parked = 0;
  for (let repeats = 0; ; repeats += 1) {
    const { refused, again, suspect } = await sendOnce(sending, ports, repeats);
    parked += refused.length;
    const [first, second] = again;
    if (first === undefined) return { state: parked === 0 ? "landed" : "settled" };
    if (second !== undefined) return { state: "refused", halves: [first, second], reason: suspect ?? "" };
    sending = first;
  }
}

/** Sends it and settles it as it ended. */
async function sendOnce(batch: Batch, ports: CarryPorts, repeats: number): Promise<Verdict> {
  ports.sending.throwIfAborted();
  const delivery = await deliver(batch, ports);
  if (delivery.ambiguous) ports.echoes.add(batch.rows, ports.echoUntilMs());

  const ending = await endingOf(batch, delivery, ports);
  const limits = ports.destination.batchLimits();
  const told = judge(batch, ending, repeats, limits);
  if (told.stop === "credits") throw new QuotaStop("Personize's credits ran out while a batch was being worked on");
  if (told.stop === "gave-up") {
    throw new TransientError(`Personize lost the same batch of ${batch.rows.length} rows ${repeats + 1} times`, {
      hint: "Its rows count as not landed. Run again later; if it goes on, report it to Personize.",
    });
  }
  const verdict = asSeen(batch, told, await ports.readBack.look(batch, told.landed), limits);
  const isDoubtful = delivery.ambiguous || mayHaveLanded(ending) || verdict !== told;
  const landed = verdict.landed.flatMap((row) =>
    withSuperseded(row, { identity: ports.remember(batch.recordKind, row.record) }),
  );
  const doubtful = isDoubtful ? batch.rows.filter((row) => !verdict.landed.includes(row)) : [];
  // Of a record in which the row may never have landed nothing is remembered: it may be somebody else's to delete.
  const inDoubt = await doubt(
    doubtful.flatMap((row) => withSuperseded(row, {})),
    ports.known,
  );
  const echoUntilMs = delivery.ambiguous || mayStillLand(ending) ? ports.echoUntilMs() : null;
  if (echoUntilMs !== null) ports.echoes.add(batch.rows, echoUntilMs);
  await ports.state.settle({
    batchId: batch.id,
    landed: [...landed, ...inDoubt.landed],
    parked: [...inDoubt.parked, ...verdict.refused.flatMap(toParked)],
    replacedBy: verdict.again,
    echoUntilMs,
  });
  ports.onSettled(batch, verdict);
  return verdict;
}

function withSuperseded(row: BatchRow, memory: Pick<LandedRow, "identity">): LandedRow | LandedRow[] {
  const itself = { key: row.key, digest: row.digest, ...memory };
  if (row.superseded.length === 0) return itself;
  return [itself, ...row.superseded.map(({ key, digest }) => ({ key, digest, ...memory }))];
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
