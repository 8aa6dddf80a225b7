import type { Fault, OpenAnswer } from "@acme/salesforce-api";
import {
  AnswerTimeout,
  type HttpRequest,
  type RawAnswer,
  type Transport,
} from "../../../packages/connector-salesforce/src/transport.ts";
import type { SimulatedProcess } from "../fault-search/simulation/process.ts";
import type { World } from "../fault-search/simulation/world.ts";
import type { Grants } from "./grants.ts";
import type { Org } from "./org.ts";
import type { SalesforceScenario } from "./scenario.ts";

/** More than any world needs: the reader is going round in circles. */
const MAX_CALLS = 5000;

/** What no question of ours may ever be answered with. */
const OUR_FAULTS: ReadonlySet<string> = new Set([
  "MALFORMED_QUERY",
  "INVALID_FIELD",
  "INVALID_TYPE",
  "NOT_FOUND_OBJECT",
  "INVALIDJOB",
  "INVALID_BATCH_SIZE",
  "JSON_PARSER_ERROR",
  "METHOD_NOT_ALLOWED",
  "CONFLICT",
  "GONE",
  "STAND_IN_DEFECT",
]);

export interface TransportPorts {
  readonly world: World;
  readonly scenario: SalesforceScenario;
  readonly org: Org;
  readonly grants: Grants;
  /** A person asks the run to end. */
  readonly interrupt: () => void;
}

/** The way to Salesforce and back: it takes time, and much can happen on it. */
export function createTransport(ports: TransportPorts, process: SimulatedProcess): Transport {
  const { world, scenario, org, grants, interrupt } = ports;
  const { faults } = scenario;
  const { clock, timeline } = world;
  const dice = world.dice(`way of ${process.name}`);
  const happens = (probability: number): boolean => world.isStormy() && dice.chance(probability);
  const note = (what: string): void => timeline.note(process.name, () => what);
  let calls = 0;

  /** Time passes; too much of it, and whoever waits gives up. */
  async function pass(ms: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await clock.sleep(Math.min(ms, timeoutMs), signal);
    if (ms >= timeoutMs) throw new AnswerTimeout();
  }

  const travelMs = (): number => dice.int(1, 150) + (happens(faults.slow) ? dice.int(1000, 20_000) : 0);

  /** What Salesforce does instead of, or beside, what it is asked. */
  function drawFault({ method, url }: HttpRequest): Fault | null {
    const isLogin = url.includes("/oauth2/");
    if (happens(faults.serverError)) {
      return dice.pick<Fault>([
        { kind: "server-error", status: 500 },
        { kind: "unavailable", retryAfterSeconds: dice.int(1, 5) },
        { kind: "edge-error", status: dice.pick([420, 502, 504]) },
        { kind: "too-many-requests" },
        { kind: "empty-body", status: 503 },
        ...(isLogin ? [] : [{ kind: "non-json" } as const]),
      ]);
    }
    if (isLogin) return null;
    if (happens(faults.concurrency)) return { kind: "concurrent-limit" };
    if (happens(faults.dailyLimit)) return { kind: "daily-limit" };
    if (/\/query(?:All)?[/?]/.test(url) && !url.includes("/jobs/") && happens(faults.queryTimeout)) {
      return { kind: "query-timeout" };
    }
    if (url.includes("/results?") && happens(faults.falseResult)) {
      return { kind: dice.pick(["fewer-rows", "wrong-count", "no-count", "no-locator"]) };
    }
    if (method === "POST" && url.endsWith("/jobs/query") && happens(faults.jobFails)) {
      return { kind: "job-fails", errorMessage: dice.pick([null, "QUERY_TIMEOUT: too long", "InvalidBatch: no"]) };
    }
    return null;
  }

  function carryOut(request: HttpRequest): OpenAnswer {
    const { control } = org;
    if (happens(faults.sessionEnds)) control.expireSessions();
    if (happens(faults.locatorsLost)) control.forgetLocators();
    const fault = drawFault(request);
    const ids = fault === null ? [] : [control.addFault(fault)];
    // A result without a count whose rows are fewer is told by nothing but the job.
    if (fault?.kind === "no-count" && dice.chance(0.5)) ids.push(control.addFault({ kind: "fewer-rows" }));
    const { method, url, body = "" } = request;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value] as const),
    );
    const answer = org.api.answer({ method, url, headers, body });
    for (const id of ids) control.removeFault(id);
    return answer;
  }

  function judge(what: string, { status, text }: OpenAnswer): void {
    const code = /"errorCode":"(\w+)"/.exec(text)?.[1] ?? "";
    if (OUR_FAULTS.has(code) || status === 414 || status === 431) {
      world.problem(`${what} was refused with ${status}: ${text.slice(0, 200)}`);
    }
  }

  return async (request, timeoutMs, signal) => {
    const { method, url, body = "" } = request;
    const { pathname, search } = new URL(url);
    const isLogin = url.includes("/oauth2/");
    const what = `${method} ${decodeURIComponent(`${pathname.replace("/services/data/v66.0", "")}${search}`)}`;

    const exchange = async (): Promise<RawAnswer> => {
      calls += 1;
      if (calls === MAX_CALLS) world.problem(`${process.name} made ${MAX_CALLS} calls in one run, the last ${what}`);
      if (calls >= MAX_CALLS) return toRaw({ status: 401, headers: {}, text: ENOUGH }, whole);
      if (happens(faults.interrupt)) interrupt();
      await pass(travelMs(), timeoutMs, signal);
      if (happens(faults.noAnswer)) throw new Error("connect ECONNREFUSED");
      const answer = carryOut(request);
      if (isLogin) grants.issued(answer, process);
      // Tokens differ from one life of a world to the next.
      note(`${what} ${isLogin ? "" : body}: ${answer.status} ${isLogin ? "" : answer.text.slice(0, 400)}`);
      judge(what, answer);
      await pass(travelMs(), timeoutMs, signal);
      if (happens(faults.lostAnswer)) throw new Error("socket hang up");
      return toRaw(answer, (text) => disturbed(text, timeoutMs, signal, () => grants.delivered(answer)));
    };
    // A process that is dead never hears of its answer; its promises are let go of, so that no timer outlives the world.
    return await Promise.race([process.call(what, exchange), process.died.then(gone)]);
  };

  /** A body on its way, in up to three pieces that end anywhere. */
  async function* disturbed(
    text: string,
    timeoutMs: number,
    signal: AbortSignal,
    onWhole: () => void,
  ): AsyncGenerator<Buffer> {
    let bytes = Buffer.from(text);
    const end = dice.int(0, bytes.length);
    const ending = happens(faults.cutOff)
      ? "breaks off"
      : happens(faults.shortBody)
        ? "is short"
        : happens(faults.stall)
          ? "stands still"
          : "is whole";
    if (ending !== "is whole") {
      note(`the answer ${ending} after ${end} of ${bytes.length} bytes`);
      bytes = bytes.subarray(0, end);
    }
    for (let at = 0; at < bytes.length; ) {
      const next = dice.chance(0.5) ? bytes.length : dice.int(at + 1, bytes.length);
      await Promise.race([
        process.call("the next piece", () => pass(dice.int(0, 20), timeoutMs, signal)),
        process.died.then(gone),
      ]);
      yield bytes.subarray(at, next);
      at = next;
    }
    if (ending === "breaks off") throw new Error("aborted");
    if (ending === "stands still") await pass(timeoutMs, timeoutMs, signal);
    if (ending === "is whole") onWhole();
  }
}

const ENOUGH = '[{"errorCode":"ENOUGH","message":"This session is not valid for use with the REST API"}]';

async function* whole(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

function toRaw({ status, headers, text }: OpenAnswer, toBody: (text: string) => AsyncGenerator<Buffer>): RawAnswer {
  return { status, header: (name) => headers[name.toLowerCase()] ?? null, body: toBody(text) };
}

function gone(): never {
  throw new Error("the process is dead");
}
