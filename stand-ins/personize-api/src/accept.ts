import { drawDelayMs } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import type { ApiEvent } from "./api-event.ts";
import type { Call } from "./call.ts";
import { scheduleLanding, settle, toRowCredits } from "./landing.ts";
import { toUuid } from "./collection.ts";
import type { WritePart } from "./write-plan.ts";

/** A write that passed its checks. */
export interface Acceptance {
  readonly type: ApiEvent["type"];
  readonly parts: readonly WritePart[];
  readonly rowCount: number;
  readonly source?: string | undefined;
  readonly runName?: string | undefined;
}

/**
 * Takes over a write: from here on it lands, whatever becomes of the answer. `immediately` lands it before returning.
 * Throws ApiError 402 when credits are to be checked up front and do not suffice.
 */
export function accept(call: Call, acceptance: Acceptance, immediately = false): ApiEvent {
  const { organization, world, nowMs, fate } = call;
  const { knobs } = world;
  const reservedCredits = knobs.creditsExhausted === "reject" ? reserve(call, acceptance.parts) : 0;
  const delay =
    acceptance.type === "memorize" ? (knobs.singleLandingDelayMs ?? knobs.landingDelayMs) : knobs.landingDelayMs;
  const delayMs = immediately ? 0 : drawDelayMs(delay, world.random) + fate.lateMs;
  organization.sequence += 1;
  const { sequence } = organization;
  const event: ApiEvent = {
    eventId: `evt_${toUuid(`${organization.id}|event|${sequence}`)}`,
    sequence,
    type: acceptance.type,
    createdAtMs: nowMs,
    processingAtMs: nowMs + Math.floor(delayMs / 4),
    rowCount: acceptance.rowCount,
    source: acceptance.source,
    runName: acceptance.runName,
    fate,
    reservedCredits,
    parts: acceptance.parts,
    end: undefined,
    finishedAtMs: undefined,
    failures: [],
  };
  organization.events.set(event.eventId, event);
  organization.totals.rowsReceived += acceptance.rowCount;
  scheduleLanding(organization, event, nowMs + delayMs);
  settle(organization, world, nowMs);
  world.changed = true;
  call.eventId = event.eventId;
  call.applied = true;
  return event;
}

function reserve(call: Call, parts: readonly WritePart[]): number {
  const { organization } = call;
  let needed = 0;
  for (const { plan, rows } of parts) for (const row of rows) needed += toRowCredits(plan, row);
  if (needed > 0 && organization.credits - organization.reservedCredits < needed) {
    throw new ApiError(402, "INSUFFICIENT_CREDITS", `This write needs ${needed} credits`, {
      balance: organization.credits - organization.reservedCredits,
      required: needed,
    });
  }
  organization.reservedCredits += needed;
  return needed;
}
