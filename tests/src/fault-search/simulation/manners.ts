import type { BatchRequest } from "../../../../packages/sync-core/src/personize/requests.ts";
import type { Answer } from "./service.ts";
import type { World } from "./world.ts";

/** Watches how one process treats the service: what it was told must change what it does next. */
export interface Manners {
  /** A request is about to leave. */
  onLeaving(what: string, batch: BatchRequest | null): void;
  /** The process hears an answer. */
  onAnswer(answer: Answer, batch: BatchRequest | null): void;
}

/** A used-up minute is waited for as well, but not counted among them. */
const MAX_TRIES = 8;
/** What is on its way to the network already when an answer is heard may still leave. */
const REACTION_MS = 1500;
/** How long a client keeps silent after a 429 that does not say how long. */
const UNSTATED_SILENCE_MS = 60_000;

export function createManners(world: World, name: string): Manners {
  const { settings, faults } = world.scenario;
  // Its clock tells the process how long it has been silent, and its disk remembers until when.
  const remembers = [
    faults.clockJump,
    faults.stateFails,
    faults.stateTorn,
    faults.stateSlow,
    faults.diskFull,
    faults.stall,
  ];
  const keepsSilence = remembers.every((probability) => probability === 0);
  /** Rows as text → tries without an answer that was heard. */
  const tries = new Map<string, number>();
  let rejectedAt: number | null = null;
  let silentUntil = 0;
  let intrusions = 0;

  return {
    onLeaving(what, batch) {
      const now = world.clock.now();
      const isLate = rejectedAt !== null && now > rejectedAt + REACTION_MS;
      // A process that stands still hears of it later than it was told.
      if (isLate && faults.stall === 0 && !what.startsWith("event"))
        world.problem(`${name} made another request (${what}) after its key had been rejected`);
      if (now < silentUntil - REACTION_MS && keepsSilence) {
        intrusions += 1;
        if (intrusions > settings.maxConcurrentRequests)
          world.problem(
            `${name} made ${intrusions} requests while it had been asked for silence, the last of them: ${what}`,
          );
      }
      if (batch === null) return;
      const rows = JSON.stringify(batch.rows);
      const times = (tries.get(rows) ?? 0) + 1;
      tries.set(rows, times);
      if (times === MAX_TRIES + 1) world.problem(`${name} sent the same batch ${times} times`);
    },
    onAnswer({ status, body }, batch) {
      if (batch !== null) {
        const rows = JSON.stringify(batch.rows);
        if (status === 429) tries.set(rows, (tries.get(rows) ?? 1) - 1);
        else tries.delete(rows);
      }
      if (status === 401) rejectedAt ??= world.clock.now();
      const seconds = retryAfterSeconds(status, body);
      if (seconds === null) return;
      silentUntil = Math.max(silentUntil, world.clock.now() + seconds * 1000);
      intrusions = 0;
    },
  };
}

/** null: nobody asked for silence. */
function retryAfterSeconds(status: number, body: unknown): number | null {
  if (status !== 429 || typeof body !== "object" || body === null) return null;
  if ("window" in body && body.window === "per_month") return null;
  if ("retryAfterSeconds" in body && typeof body.retryAfterSeconds === "number") return body.retryAfterSeconds;
  return UNSTATED_SILENCE_MS / 1000;
}
