import { ApiError } from "../api-error.ts";
import type { ApiEvent } from "../api-event.ts";
import type { Call, Handler } from "../call.ts";
import { toReply } from "../reply.ts";
import { toEventView } from "../views.ts";

const PAGE_SIZE = 25;
const MAX_PAGE_SIZE = 100;

/** GET /events/:id */
export const readEvent: Handler = (call) => toReply(toEventView(requireEvent(call), call.world.knobs, call.nowMs));

/** GET /events/:id/details: the same, and what the request said about itself. */
export const readEventDetails: Handler = (call) => {
  const event = requireEvent(call);
  return toReply({
    ...toEventView(event, call.world.knobs, call.nowMs),
    request: { source: event.source ?? null, runName: event.runName ?? null, rowCount: event.rowCount },
  });
};

/** GET /events: newest first, `limit` and `nextToken`. */
export const listEvents: Handler = (call) => {
  const { knobs } = call.world;
  if (!knobs.eventListing) throw new ApiError(404, "not_found_error", "Not found");
  const limit = Math.min(Math.max(1, Number(call.query.get("limit") ?? PAGE_SIZE) || PAGE_SIZE), MAX_PAGE_SIZE);
  const before = Number(call.query.get("nextToken") ?? Number.POSITIVE_INFINITY);
  const events = [...call.organization.events.values()]
    .toReversed()
    .filter((event) => !event.fate.vanishes && event.sequence < before);
  const page = events.slice(0, limit);
  const last = page.at(-1);
  const more = events.length > page.length && last !== undefined;
  return {
    status: 200,
    body: {
      success: true,
      data: page.map((event) => toEventView(event, knobs, call.nowMs)),
      count: page.length,
      ...(more ? { nextToken: String(last.sequence) } : {}),
    },
  };
};

function requireEvent(call: Call): ApiEvent {
  const event = call.organization.events.get(call.params["id"] ?? "");
  if (event === undefined || event.fate.vanishes) throw new ApiError(404, "not_found_error", "Event not found");
  return event;
}
