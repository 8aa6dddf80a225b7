import { type OpenAnswer, type OpenRequest, toOpenAnswer } from "@acme/stand-in-kit";
import type { Control } from "./control.ts";
import { createControl } from "./create-control.ts";
import { createWorld } from "./create-world.ts";
import { dispatch, findDestination } from "./dispatch.ts";
import { isPageFault } from "./faults.ts";
import type { HubspotApiOptions } from "./options.ts";
import { toPayload } from "./to-payload.ts";

/** The stand-in without a server. */
export interface OpenHubspotApi {
  readonly control: Control;
  /**
   * Carries out one request (`url`: path and query) at once, limits and page faults included. Not in the log; faults of answers and
   * connections are the caller's.
   */
  answer(request: OpenRequest): OpenAnswer;
}

/** For simulations that bring their own network and clock: the same rules as the server, without HTTP, sockets or time of its own. */
export function openHubspotApi(options: HubspotApiOptions = {}): OpenHubspotApi {
  const world = createWorld(options);
  return {
    control: createControl(world),
    answer({ method, url, headers, body }) {
      const { pathname, searchParams } = new URL(url, "http://stand-in");
      const destination = findDestination(world, method, pathname);
      world.counters.called(destination.family, world.clock.now());
      const { reply, rows, policyName } = dispatch(
        world,
        {
          method,
          path: pathname,
          query: searchParams,
          urlCharacters: url.length,
          headers,
          body: Buffer.from(body),
          pageFault: world.faults.hit(method, pathname).find(isPageFault)?.kind,
        },
        destination,
      );
      world.counters.answered(destination.family, reply.status, rows, policyName);
      const { payload, contentType } = toPayload(reply.body);
      return toOpenAnswer({ ...reply, contentType, payload }, world.clock.now());
    },
  };
}
