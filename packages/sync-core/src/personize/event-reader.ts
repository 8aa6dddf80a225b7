import type { Outcome } from "../contracts/destination.ts";
import type { Caller, CallResult } from "./caller.ts";
import type { Client } from "./client.ts";
import { at, text } from "./json-access.ts";
import { toOutcome } from "./to-outcome.ts";

const EVENTS_A_PAGE = 100;
/** Without a listing every question costs a call; the oldest events are asked first. */
const MAX_SINGLE_READS = 10;

export interface EventReader {
  /** @param accepted event id → number of rows in its batch, oldest first. Events that nothing was learned about are absent. */
  read(accepted: ReadonlyMap<string, number>, signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>>;
  /** False once the listing of events turned out not to exist. */
  listed(): boolean;
}

/**
 * Asks what became of batches for as few calls as possible. One listing answers for up to a hundred; it is documented as a
 * path without a shape, so it is an economy and never an authority: what it does not show clearly is asked one by one.
 */
export function createEventReader(
  client: Pick<Client, "event" | "listEvents">,
  caller: Pick<Caller, "call">,
): EventReader {
  let listed = true;

  async function readList(accepted: ReadonlyMap<string, number>, signal: AbortSignal): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    const maxPages = Math.ceil(accepted.size / EVENTS_A_PAGE) + 2;
    let nextToken: string | null = null;
    for (let page = 0; page < maxPages && outcomes.size < accepted.size; page += 1) {
      const token: string | null = nextToken;
      const result: CallResult<unknown> = await caller.call(
        {
          what: "when asked about events",
          units: 1,
          carriesRows: false,
          attempt: (): Promise<unknown> => client.listEvents(EVENTS_A_PAGE, token),
        },
        signal,
      );
      const items: ReturnType<typeof readItems> = result.ok ? readItems(result.value) : null;
      if (items === null) {
        listed = false;
        return outcomes;
      }
      for (const item of items.events) {
        const rowCount = accepted.get(item.eventId);
        if (rowCount !== undefined) outcomes.set(item.eventId, toOutcome(item.body, rowCount));
      }
      nextToken = items.nextToken;
      if (nextToken === null || nextToken === token) break;
    }
    return outcomes;
  }

  async function readOne(eventId: string, rowCount: number, signal: AbortSignal): Promise<Outcome> {
    const result = await caller.call(
      { what: "when asked about an event", units: 1, carriesRows: false, attempt: () => client.event(eventId) },
      signal,
    );
    if (!result.ok) return { state: "vanished" };
    return toOutcome(at(result.value, "data"), rowCount);
  }

  return {
    listed: () => listed,
    async read(accepted, signal) {
      const outcomes = listed && accepted.size > 1 ? await readList(accepted, signal) : new Map<string, Outcome>();
      // A terminal word in a listing may lack the details of a failure; the event itself has them.
      const unclear = [...accepted].filter(([eventId]) => {
        const outcome = outcomes.get(eventId);
        return outcome === undefined || (outcome.state !== "landed" && outcome.state !== "in-flight");
      });
      for (const [eventId, rowCount] of unclear.slice(0, MAX_SINGLE_READS))
        outcomes.set(eventId, await readOne(eventId, rowCount, signal));
      for (const [eventId] of unclear.slice(MAX_SINGLE_READS)) outcomes.delete(eventId);
      return outcomes;
    },
  };
}

interface ListedEvent {
  readonly eventId: string;
  readonly body: unknown;
}

/** null: not a listing of events. */
function readItems(envelope: unknown): { events: ListedEvent[]; nextToken: string | null } | null {
  const data = at(envelope, "data");
  const list = [data, at(data, "events"), at(data, "items"), at(envelope, "events")].find(Array.isArray);
  if (list === undefined) return null;
  const events = list.flatMap((body: unknown) => {
    const eventId = at(body, "eventId") ?? at(body, "id");
    return typeof eventId === "string" && typeof at(body, "status") === "string" ? [{ eventId, body }] : [];
  });
  if (list.length > 0 && events.length === 0) return null;
  return { events, nextToken: text(at(data, "nextToken")) ?? text(at(envelope, "nextToken")) };
}
