import { type OpenAnswer, type OpenRequest, toOpenAnswer } from "@acme/stand-in-kit";
import type { Control } from "./control.ts";
import { createControl } from "./create-control.ts";
import { createWorld } from "./create-world.ts";
import { carryOut, findDestination } from "./dispatch.ts";
import type { SalesforceApiOptions } from "./options.ts";
import { toPayload } from "./send.ts";

/** The stand-in without a server. */
export interface OpenSalesforceApi {
  readonly control: Control;
  /**
   * Carries out one request (`url`: with scheme and host) at once, with limits and with faults of answers and of Bulk. Not in
   * the log, never compressed, and never a long request; faults of connections are the caller's.
   */
  answer(request: OpenRequest): OpenAnswer;
}

/** For simulations that bring their own network and clock: the same rules as the server, without HTTP, sockets or time of its own. */
export function openSalesforceApi(options: SalesforceApiOptions = {}): OpenSalesforceApi {
  const world = createWorld(options);
  return {
    control: createControl(world),
    answer({ method, url, headers, body }) {
      const { host, pathname, searchParams, search } = new URL(url);
      const target = `${pathname}${search}`;
      const destination = findDestination(method, pathname);
      world.counters.called(destination.family);
      const { reply, rows, errorCode } = carryOut(
        world,
        {
          method,
          path: pathname,
          query: searchParams,
          target,
          headBytes: countHeadBytes(method, target, host, headers),
          headers: { ...headers, host },
          body: Buffer.from(body),
          faults: world.faults.hit(method, target),
        },
        destination,
      );
      world.counters.answered(destination.family, reply.status, rows, errorCode);
      const contentType = reply.body.kind === "none" ? undefined : reply.body.contentType;
      return toOpenAnswer({ ...reply, contentType, payload: toPayload(reply.body) }, world.clock.now());
    },
  };
}

function countHeadBytes(method: string, target: string, host: string, headers: OpenRequest["headers"]): number {
  const lines = [`${method} ${target} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return Buffer.byteLength(`${lines.join("\r\n")}\r\n\r\n`);
}
