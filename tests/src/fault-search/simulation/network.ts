import type { Client } from "../../../../packages/sync-core/src/personize/client.ts";
import type { BatchRequest } from "../../../../packages/sync-core/src/personize/requests.ts";
import { createManners } from "./manners.ts";
import type { SimulatedProcess } from "./process.ts";
import { LATE_ARRIVAL_MS, REQUEST_TIMEOUT_MS } from "./scenario.ts";
import type { Answer, Service } from "./service.ts";
import { unaborted, type World } from "./world.ts";

/** The same for every request, so that the service sees the pace that the client keeps. */
const WAY_THERE_MS = 20;

/** The service as one process reaches it: requests and replies get lost, late or garbled on the way. */
export function createNetworkClient(service: Service, world: World, process: SimulatedProcess): Client {
  const { clock, timeline } = world;
  const { faults, settings } = world.scenario;
  const dice = world.dice(`network of ${process.name}`);
  const manners = createManners(world, process.name);
  let underWay = 0;

  function request(what: string, batch: BatchRequest | null, handle: () => Answer): Promise<unknown> {
    return process.call(what, async () => {
      manners.onLeaving(what, batch);
      underWay += 1;
      if (underWay > settings.maxConcurrentRequests)
        world.problem(
          `${process.name} has ${underWay} requests under way; ${settings.maxConcurrentRequests} are allowed`,
        );
      try {
        return await travel(what, batch, handle);
      } finally {
        underWay -= 1;
      }
    });
  }

  async function travel(what: string, batch: BatchRequest | null, handle: () => Answer): Promise<unknown> {
    const isSafe = batch === null && world.scenario.onlyBatchesAreLost;
    const happens = (probability: number): boolean => world.isStormy() && !isSafe && dice.chance(probability);
    const lost = (how: string): void => {
      service.repeats.allow(batch?.rows.length ?? 0);
      timeline.note(process.name, () => `${what}: ${how}`);
    };
    if (happens(faults.refusedConnection)) {
      lost("connection refused");
      throw networkError("ECONNREFUSED");
    }
    await clock.sleep(WAY_THERE_MS, unaborted);
    if (service.isDown()) {
      lost("503, the service is down");
      throw httpError({ status: 503, body: { success: false, error: "server_error" } });
    }
    if (happens(faults.reset)) {
      lost("connection reset, nothing done");
      throw networkError("ECONNRESET");
    }
    if (happens(faults.lateArrival)) {
      const lateMs = REQUEST_TIMEOUT_MS + dice.int(-REQUEST_TIMEOUT_MS / 2, LATE_ARRIVAL_MS);
      lost(`arrives ${lateMs / 1000} s late, and nobody hears the answer`);
      void clock.sleep(lateMs, unaborted).then(handle);
      await clock.sleep(REQUEST_TIMEOUT_MS, unaborted);
      throw networkError("ECONNABORTED");
    }
    if (happens(faults.serverError)) {
      const applied = dice.chance(0.5);
      const status = dice.pick([500, 502, 503, 504, 408]);
      lost(`${status}, ${applied ? "although it was done" : "nothing done"}`);
      if (applied) handle();
      throw httpError({ status, body: { success: false, error: "server_error" } });
    }
    const answer = handle();
    if (happens(faults.lostReply)) {
      const timesOut = dice.chance(0.5);
      lost(`done (${answer.status}), but the reply is lost`);
      if (timesOut) await clock.sleep(REQUEST_TIMEOUT_MS, unaborted);
      throw networkError(timesOut ? "ECONNABORTED" : "ECONNRESET");
    }
    await clock.sleep(dice.int(1, 300), unaborted);
    if (happens(faults.unreadableReply)) {
      lost(`done (${answer.status}), but the reply cannot be read`);
      return dice.pick<unknown>([
        "<html>Bad gateway</html>",
        { success: false, error: { code: "SERVER_ERROR" } },
        null,
      ]);
    }
    manners.onAnswer(answer, batch);
    if (answer.status >= 400) {
      timeline.note(process.name, () => `${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
      throw httpError(answer);
    }
    return answer.body;
  }

  /** The shapes in which the SDK is known to throw an answer. */
  function httpError({ status, body }: Answer): Error {
    const response = { status, data: body, headers: {} };
    const error = new Error(`Request failed with status code ${status}`);
    return dice.chance(0.5)
      ? Object.assign(error, { response })
      : Object.assign(error, { status, cause: Object.assign(new Error("axios"), { response }) });
  }

  const unused = (): Promise<never> => Promise.reject(new Error("not used by a sync"));
  return {
    me: () => request("me", null, () => service.me()),
    listCollections: (limit, token) => request("collections", null, () => service.listCollections(limit, token)),
    sendBatch(batch) {
      return request(`batch of ${batch.rows.length}`, batch, () => service.acceptBatch(batch));
    },
    event: (eventId) => request(`event ${eventId}`, null, () => service.event(eventId)),
    listEvents: (limit, token) => request("events", null, () => service.listEvents(limit, token)),
    search: (query) => request("search", null, () => service.search(query)),
    smartDigest: (query) => request("digest", null, () => service.smartDigest(query)),
    memorize: unused,
    deleteRecord: (order) => request(`deletion of ${order.recordId}`, null, () => service.deleteRecord(order)),
    surfaceExists: (failure) => failure.status === 404 && failure.code !== null && failure.code !== "not_found_error",
    notices: () => [],
  };
}

function networkError(code: string): Error {
  return Object.assign(new Error(`network: ${code}`), { code });
}
