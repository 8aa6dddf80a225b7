import type { Control } from "./control.ts";
import { createControl } from "./create-control.ts";
import { createWorld } from "./create-world.ts";
import { dispatch, findDestination } from "./dispatch.ts";
import { isPageFault } from "./faults.ts";
import type { HubspotApiOptions } from "./options.ts";
import { toPayload } from "./send.ts";

export interface OpenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OpenAnswer {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The stand-in without a server. */
export interface OpenHubspotApi {
  readonly control: Control;
  /** Carries out one request at once, limits and page faults included. Not in the log; faults of answers and connections are the caller's. */
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
      const named = Object.entries(reply.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
      return {
        status: reply.status,
        headers: {
          ...(contentType === undefined ? {} : { "content-type": contentType }),
          date: new Date(world.clock.now()).toUTCString(),
          ...Object.fromEntries(named),
        },
        text: payload.toString("utf8"),
      };
    },
  };
}
