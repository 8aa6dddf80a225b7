import type { Delivery, Destination, Passage } from "../contracts/destination.ts";
import type { Batch } from "../contracts/line.ts";
import type { SyncState } from "../contracts/state.ts";
import type { Mapping } from "../contracts/mapping.ts";

export interface DeliverPorts {
  readonly destination: Destination;
  readonly state: SyncState;
  readonly mapping: Mapping;
  /** Until when a copy that has left by now may still land. */
  readonly echoUntilMs: () => number;
  /** Right before every try to send the batch. */
  readonly onLeaving: (batch: Batch) => void;
  /** Aborted: nothing new may leave. A request under way is waited for. */
  readonly sending: AbortSignal;
}

/**
 * Hands one batch, written down before, to the destination, and writes down what came back. Accepted is not landed.
 * Pacing and retries are the destination's.
 */
export async function deliver(batch: Batch, ports: DeliverPorts): Promise<Delivery> {
  const passage: Passage = {
    async leaving() {
      await ports.state.markSent(batch.id);
      ports.onLeaving(batch);
    },
    async accepted(eventId, ambiguous) {
      await ports.state.markAccepted(batch.id, eventId, ambiguous ? ports.echoUntilMs() : null);
    },
  };
  return await ports.destination.send(batch, ports.mapping, passage, ports.sending);
}
