import type { RawAnswer, Transport } from "../../../packages/connector-hubspot/src/client.ts";
import type { SimulatedProcess } from "../fault-search/simulation/process.ts";
import { unaborted, type World } from "../fault-search/simulation/world.ts";
import type { Portal } from "./portal.ts";
import type { HubspotScenario } from "./scenario.ts";

/** The way to HubSpot and back: it takes time, and much can happen on it. */
export function createTransport(
  world: World,
  { faults }: HubspotScenario,
  portal: Portal,
  process: SimulatedProcess,
  /** A person asks the run to end. */
  interrupt: () => void,
): Transport {
  const { clock, timeline } = world;
  const dice = world.dice(`way of ${process.name}`);
  const happens = (probability: number): boolean => world.isStormy() && dice.chance(probability);
  const note = (what: string): void => timeline.note(process.name, () => what);
  let calls = 0;

  return async (request) => {
    const query = new URLSearchParams(request.qs ?? {}).toString();
    const url = query === "" ? request.path : `${request.path}?${query}`;
    const body = request.body === undefined ? "" : JSON.stringify(request.body);
    const what = `${request.method} ${request.path}`;

    const exchange = async (): Promise<RawAnswer> => {
      calls += 1;
      if (calls === MAX_CALLS)
        world.problem(`${process.name} made ${MAX_CALLS} calls in one run, the last of them ${what}`);
      if (calls >= MAX_CALLS)
        return fault(401, '{"status":"error","category":"INVALID_AUTHENTICATION","message":"enough"}');
      if (happens(faults.interrupt)) interrupt();
      if (happens(faults.kill)) note(`is about to die on the way of ${what}`);
      await clock.sleep(dice.int(1, 150) + (happens(faults.slow) ? dice.int(1000, 20_000) : 0), unaborted);
      if (happens(faults.noAnswer)) throw new Error("connect ECONNREFUSED");
      if (happens(faults.serverError)) return fault(502, "Bad Gateway");
      if (happens(faults.edgePage)) return fault(503, "<html>cloudflare</html>");
      if (happens(faults.locked)) return fault(423, '{"status":"error","message":"locked"}');
      if (happens(faults.tooFast)) return fault(429, TOO_FAST);
      const shortPages = happens(faults.shortPage);
      const id = shortPages ? portal.control.addFault({ kind: dice.pick(["short-page", "empty-page"]) }) : null;
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value] as const),
      );
      const answer = portal.api.answer({ method: request.method, url, headers, body });
      if (id !== null) portal.control.removeFault(id);
      note(`${what} ${body === "" ? query : body}: ${answer.status} ${answer.text.slice(0, 300)}`);
      if (answer.status === 400 || answer.status === 414) {
        world.problem(`${what} was refused with ${answer.status}: ${answer.text.slice(0, 200)}`);
      }
      await clock.sleep(dice.int(1, 150) + (happens(faults.slow) ? dice.int(1000, 20_000) : 0), unaborted);
      if (happens(faults.lostAnswer)) throw new Error("socket hang up");
      const text = happens(faults.cutOff) ? answer.text.slice(0, answer.text.length / 2) : answer.text;
      return { status: answer.status, header: (name) => answer.headers[name.toLowerCase()] ?? null, text };
    };
    // A process that is dead never hears of its answer; its promises are let go of, so that no timer outlives the world.
    return Promise.race([process.call(what, exchange), process.died.then(() => gone())]);
  };
}

/** More than any world needs: the reader is going round in circles. */
const MAX_CALLS = 3000;
const TOO_FAST =
  '{"status":"error","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING","message":"slow down"}';

function fault(status: number, text: string): RawAnswer {
  return { status, header: () => null, text };
}

function gone(): never {
  throw new Error("the process is dead");
}
