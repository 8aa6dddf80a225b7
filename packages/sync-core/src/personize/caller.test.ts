import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QuotaStop } from "../contracts/destination.ts";
import { AuthError, ConfigError, TransientError } from "../contracts/errors.ts";
import type { Pace, StateStore } from "../contracts/state.ts";
import { planDelivery } from "../quota/plan-delivery.ts";
import { openSqliteState } from "../state/open-sqlite-state.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { type CallRequest, createCaller, expectOk } from "./caller.ts";
import { createRequestSlots } from "./request-slots.ts";
import { createWaitTally } from "./wait-tally.ts";

const never = new AbortController().signal;
const fast: Pace = { unitsPerMinute: 60_000, burstUnits: 600 };

function answer(status: number, data: unknown = {}): Error {
  return Object.assign(new Error(`status ${status}`), { response: { status, data, headers: {} } });
}

function networkFault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

interface Options {
  readonly seed?: number;
  readonly pace?: Pace | null;
  readonly unitsPerMonth?: number | null;
  readonly maxConcurrentRequests?: number;
  readonly latencyMs?: () => number;
  readonly wrap?: (state: StateStore) => StateStore;
}

async function setUp(options: Options = {}) {
  const { pace = fast, unitsPerMonth = null, maxConcurrentRequests = 5, wrap = (state) => state } = options;
  const runtime = createVirtualRuntime({ seed: options.seed ?? 1 });
  const startAt = runtime.now();
  const state = wrap(await openSqliteState({ file: ":memory:", now: () => runtime.now() }));
  const waits = createWaitTally(runtime);
  const caller = createCaller({
    paceKey: "key",
    slots: createRequestSlots(maxConcurrentRequests).lane(),
    state,
    runtime,
    waits,
  });
  if (pace !== null) caller.setPlan(pace, unitsPerMonth);
  const leftAt: number[] = [];
  let under = 0;
  let mostUnder = 0;

  /** A request that is answered with these, one after the other; errors are thrown. The last one goes on for ever. */
  function request(answers: readonly unknown[], changes: Partial<CallRequest<unknown>> = {}): CallRequest<unknown> {
    let place = 0;
    return {
      what: "when sent a batch",
      units: 1,
      carriesRows: true,
      attempt: async () => {
        leftAt.push(runtime.now() - startAt);
        under += 1;
        mostUnder = Math.max(mostUnder, under);
        await runtime.sleep(options.latencyMs?.() ?? 10, never);
        under -= 1;
        const next = answers[Math.min(place, answers.length - 1)];
        place += 1;
        if (next instanceof Error) throw next;
        return next;
      },
      ...changes,
    };
  }

  const call = (answers: readonly unknown[], changes: Partial<CallRequest<unknown>> = {}, signal = never) =>
    runtime.run(caller.call(request(answers, changes), signal));
  const usage = () => state.usage("key", new Date(runtime.now()).toISOString().slice(0, 7));
  return { runtime, startAt, state, waits, caller, leftAt, request, call, usage, mostUnder: () => mostUnder };
}

const ok = { success: true, data: { eventId: "evt_1" } };

describe("a call", () => {
  it("hands on the answer, and says `leaving` before every try", async () => {
    const { call, leftAt, usage, caller } = await setUp();
    const said: number[] = [];
    const leaving = async (): Promise<void> => void said.push(leftAt.length);
    const result = await call([answer(500), answer(429, { retryAfterSeconds: 1 }), ok], { leaving, units: 3 });
    expect(result).toEqual({ ok: true, value: ok, ambiguous: true });
    expect(said).toEqual([0, 1, 2]);
    expect(leftAt).toHaveLength(3);
    expect(await usage()).toMatchObject({ attempted: 9, accepted: 3, refused: 3, unknown: 3 });
    expect({ calls: caller.calls(), units: caller.units() }).toEqual({ calls: 3, units: 9 });
  });

  it.each<[string, Error, (result: Promise<unknown>) => Promise<void>]>([
    [
      "400",
      answer(400, { error: "validation_error" }),
      (result) => expect(result).resolves.toMatchObject({ ok: false }),
    ],
    ["404", answer(404), (result) => expect(result).resolves.toMatchObject({ ok: false })],
    ["409", answer(409), (result) => expect(result).resolves.toMatchObject({ ok: false })],
    [
      "413",
      answer(413),
      (result) => expect(result).resolves.toMatchObject({ ok: false, failure: { kind: "refused", status: 413 } }),
    ],
    ["401", answer(401), (result) => expect(result).rejects.toThrow(AuthError)],
    ["403", answer(403), (result) => expect(result).rejects.toThrow(AuthError)],
    ["402", answer(402), (result) => expect(result).rejects.toThrow(QuotaStop)],
  ])("answered with %s is never tried again", async (_, error, expectEnd) => {
    const { call, leftAt, usage } = await setUp();
    await expectEnd(call([error, ok]));
    expect(leftAt).toHaveLength(1);
    expect(await usage()).toMatchObject({ attempted: 1, accepted: 0, refused: 1, unknown: 0 });
  });

  it.each<[string, unknown, boolean]>([
    ["500", answer(500), true],
    ["502 without JSON", answer(502, "<html>"), true],
    ["503", answer(503), true],
    ["a lost connection", networkFault("ECONNRESET"), true],
    ["a timeout", networkFault("ECONNABORTED"), true],
    ["a refused connection", networkFault("ECONNREFUSED"), false],
    ["success: false", { success: false, error: "server_error" }, true],
    ["an answer that is not JSON", "<html>", true],
  ])("is tried again after %s, and remembers whether it may have been applied", async (_, fault, ambiguous) => {
    const { call, leftAt, usage } = await setUp();
    expect(await call([fault, fault, ok])).toEqual({ ok: true, value: ok, ambiguous });
    expect(leftAt).toHaveLength(3);
    expect(await usage()).toMatchObject(ambiguous ? { unknown: 2, refused: 0 } : { unknown: 0, refused: 2 });
  });

  it("gives up after eight tries, with longer and longer waits between them", async () => {
    const { call, leftAt, waits } = await setUp();
    await expect(call([answer(503)])).rejects.toThrow(TransientError);
    expect(leftAt).toHaveLength(8);
    const gaps = leftAt.slice(1).map((at, index) => at - (leftAt[index] ?? 0) - 10);
    for (const [index, gap] of gaps.entries()) {
      const full = Math.min(30_000, 1000 * 2 ** index);
      expect(gap).toBeGreaterThanOrEqual(full / 2);
      expect(gap).toBeLessThanOrEqual(full + 2);
    }
    expect(Object.keys(waits.waitedMs())).toEqual(["another try after"]);
  });

  it("waits as long as a 503 asks for", async () => {
    const { call, leftAt } = await setUp();
    const error = Object.assign(new Error(), { response: { status: 503, data: {}, headers: { "retry-after": "90" } } });
    await call([error, ok]);
    expect((leftAt[1] ?? 0) - (leftAt[0] ?? 0)).toBeGreaterThanOrEqual(90_000);
  });

  it.each<[string, Record<string, unknown>, number]>([
    ["says how long", { window: "per_minute", retryAfterSeconds: 42 }, 42_000],
    ["does not say how long", { window: "per_minute" }, 60_000],
  ])("waits when the minute limit %s", async (_, body, expectedMs) => {
    const { call, leftAt } = await setUp();
    expect(await call([answer(429, body), ok])).toMatchObject({ ok: true, ambiguous: false });
    const waited = (leftAt[1] ?? 0) - (leftAt[0] ?? 0);
    expect(waited).toBeGreaterThanOrEqual(expectedMs);
    expect(waited).toBeLessThanOrEqual(expectedMs + 1000);
  });

  it("waits after a 429 also before the plan is known", async () => {
    const { call, leftAt } = await setUp({ pace: null });
    await call([answer(429, { retryAfterSeconds: 30 }), ok]);
    expect((leftAt[1] ?? 0) - (leftAt[0] ?? 0)).toBeGreaterThanOrEqual(30_000);
  });

  it("has everybody step back when one is told that the minute limit is reached", async () => {
    const { runtime, caller, request, leftAt } = await setUp();
    const limited = caller.call(request([answer(429, { retryAfterSeconds: 30 }), ok]), never);
    const later = runtime.sleep(1000, never).then(() => caller.call(request([ok]), never));
    await runtime.run(Promise.all([limited, later]));
    expect(leftAt).toHaveLength(3);
    expect(leftAt[1]).toBeGreaterThanOrEqual(30_000);
    expect(leftAt[2]).toBeGreaterThanOrEqual(30_000);
  });

  it("gives up when the minute limit never ends", async () => {
    const { call, leftAt } = await setUp();
    await expect(call([answer(429, { retryAfterSeconds: 5 })])).rejects.toThrow(/11 times in a row/);
    expect(leftAt).toHaveLength(11);
  });

  it("stops when the month's limit is reached, keeps the provider's figures, and does not ask again", async () => {
    const { call, usage, leftAt } = await setUp({ unitsPerMonth: 10_000 });
    const monthly = answer(429, { window: "per_month", limit: 9000, current: 9000, retryAfterSeconds: 5 });
    await expect(call([monthly, ok])).rejects.toThrow(QuotaStop);
    expect(leftAt).toHaveLength(1);
    expect(await usage()).toMatchObject({ refused: 1, providerCurrent: 9000, providerLimit: 9000 });
  });

  it("does not swallow a fault of the state store, and does not take it for one of the network", async () => {
    const diskFull = new TransientError("The disk is full");
    const { call, leftAt } = await setUp({
      wrap: (state) => ({
        ...state,
        addUsage: (key, month, delta) =>
          delta.accepted === undefined ? state.addUsage(key, month, delta) : Promise.reject(diskFull),
      }),
    });
    await expect(call([ok])).rejects.toBe(diskFull);
    expect(leftAt).toHaveLength(1);
  });

  it("that must succeed is a configuration error when it is refused", async () => {
    const { call } = await setUp();
    expect(expectOk(await call([ok]), "me()")).toBe(ok);
    const refused = await call([answer(400, { error: "INVALID_PARAMS" })]);
    expect(() => expectOk(refused, "me()")).toThrow(ConfigError);
  });
});

describe("the month", () => {
  it("ends before it is used up where rows are sent; questions may use the reserve", async () => {
    const { call, usage } = await setUp({ unitsPerMonth: 1000 });
    for (let rows = 0; rows < 99; rows += 1) await call([ok], { units: 10 });
    await expect(call([ok], { units: 1 })).rejects.toThrow(/allows 1000 calls a month; 990 are used, 10 of them kept/);
    for (let questions = 0; questions < 10; questions += 1) await call([ok], { carriesRows: false });
    await expect(call([ok], { carriesRows: false })).rejects.toThrow(QuotaStop);
    expect(await usage()).toMatchObject({ attempted: 1000, accepted: 1000 });
  });

  it("keeps the reserve also when many calls leave at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 60, maxLength: 90 }), async (weights) => {
        const { runtime, caller, request, usage } = await setUp({
          unitsPerMonth: 1000,
          pace: { unitsPerMinute: 600, burstUnits: 40 },
          latencyMs: () => 500,
        });
        await runtime.run(Promise.allSettled(weights.map((units) => caller.call(request([ok], { units }), never))));
        expect((await usage()).attempted).toBeLessThanOrEqual(990);
      }),
      { numRuns: 15 },
    );
  });

  it("counts what was refused as not used, and what is unknown as used", async () => {
    const { call, caller } = await setUp({ unitsPerMonth: 100 });
    await call([answer(400)], { units: 50 });
    expect(await caller.usedThisMonth()).toBe(0);
    await call([networkFault("ECONNRESET"), ok], { units: 20 });
    expect(await caller.usedThisMonth()).toBe(40);
  });

  it("begins anew with the next one", async () => {
    const { runtime, call, caller } = await setUp({ unitsPerMonth: 100 });
    await call([ok], { units: 90 });
    await expect(call([ok], { units: 20 })).rejects.toThrow(QuotaStop);
    await runtime.run(runtime.sleep(31 * 86_400_000, never));
    expect(await caller.usedThisMonth()).toBe(0);
    expect(await call([ok], { units: 20 })).toMatchObject({ ok: true });
  });
});

describe("many calls", () => {
  it("keep to the bound, and leave in the order in which they came", async () => {
    const { runtime, caller, request, mostUnder } = await setUp({ maxConcurrentRequests: 3, latencyMs: () => 200 });
    const order: number[] = [];
    const calls = Array.from({ length: 20 }, (_, place) =>
      caller.call(request([ok], { leaving: async () => void order.push(place) }), never),
    );
    await runtime.run(Promise.all(calls));
    expect(mostUnder()).toBe(3);
    expect(order).toEqual(Array.from({ length: 20 }, (_, place) => place));
  });

  it("let questions go before batches that wait", async () => {
    const { runtime, caller, request } = await setUp({ maxConcurrentRequests: 1, latencyMs: () => 200 });
    const order: string[] = [];
    const send = (name: string, carriesRows: boolean) =>
      caller.call(request([ok], { carriesRows, leaving: async () => void order.push(name) }), never);
    await runtime.run(Promise.all([send("b1", true), send("b2", true), send("q1", false), send("q2", false)]));
    expect(order).toEqual(["b1", "q1", "q2", "b2"]);
  });

  it("give their slot back however they end", async () => {
    const { runtime, caller, request } = await setUp({ maxConcurrentRequests: 1 });
    const ends = [[answer(400)], [answer(401)], [answer(402)], [answer(503)], [answer(429)], [ok]];
    const calls = ends.map((answers) => caller.call(request(answers), never));
    const settled = await runtime.run(Promise.allSettled(calls));
    expect(settled.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
  });

  it("end at once when aborted, wherever they wait, and nothing leaves after it", async () => {
    const { runtime, startAt, caller, request, leftAt } = await setUp({
      maxConcurrentRequests: 3,
      pace: { unitsPerMinute: 60, burstUnits: 1 },
    });
    const leave = new AbortController();
    const reason = new Error("stopped");
    const leaving: number[] = [];
    const calls = [
      // Waits for another try, waits for its turn in the minute, waits for a slot.
      caller.call(request([answer(503, { retryAfterSeconds: 600 })]), leave.signal),
      ...Array.from({ length: 10 }, (_, place) =>
        caller.call(request([ok], { units: 20, leaving: async () => void leaving.push(place) }), leave.signal),
      ),
    ];
    void runtime.sleep(5000, never).then(() => leave.abort(reason));
    const ends = await runtime.run(Promise.allSettled(calls));
    expect(runtime.now() - startAt).toBe(5000);
    expect(ends.every((end) => end.status === "rejected" && end.reason === reason)).toBe(true);
    const left = leftAt.length;
    await runtime.run(runtime.sleep(600_000, never));
    expect(leftAt).toHaveLength(left);
    expect(leaving.length).toBeLessThanOrEqual(left);
    await expect(runtime.run(caller.call(request([ok]), leave.signal))).rejects.toBe(reason);
    expect(await runtime.run(caller.call(request([ok]), never))).toMatchObject({ ok: true });
  });

  it("never put more units into a sliding minute than the plan allows, and the ledger adds up", async () => {
    const anyAnswer = fc.constantFrom<unknown>(ok, ok, ok, answer(503), answer(400), networkFault("ECONNREFUSED"));
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(10_000),
          limit: fc.constantFrom(1, 2, 7, 60, 120, 160, 300),
          eventsListed: fc.boolean(),
          concurrency: fc.integer({ min: 1, max: 6 }),
          calls: fc.array(
            fc.record({
              weight: fc.double({ min: 0, max: 1, noNaN: true }),
              startMs: fc.nat(90_000),
              first: anyAnswer,
            }),
            { minLength: 1, maxLength: 60 },
          ),
        }),
        async ({ seed, limit, eventsListed, concurrency, calls }) => {
          const plan = planDelivery(
            { callsPerMinute: limit },
            { rateUnit: "row", maxRowsPerCall: null, chunkSize: 1, eventsListed },
          );
          const random = createVirtualRuntime({ seed });
          const { runtime, startAt, caller, request, usage } = await setUp({
            seed,
            pace: plan.pace,
            maxConcurrentRequests: concurrency,
            latencyMs: () => random.random() * 3000,
          });
          const spent: { at: number; units: number }[] = [];
          const one = async ({ weight, startMs, first }: (typeof calls)[number]): Promise<void> => {
            await runtime.sleep(startMs, never);
            const units = Math.max(1, Math.ceil(weight * plan.limits.maxRows));
            const { attempt, ...rest } = request([first, ok], { units });
            const counted = (): Promise<unknown> => {
              spent.push({ at: runtime.now() - startAt, units });
              return attempt();
            };
            await caller.call({ ...rest, attempt: counted }, never);
          };
          await runtime.run(Promise.all(calls.map(one)));
          for (const { at } of spent) {
            const window = spent.filter((other) => other.at >= at && other.at < at + 60_000);
            expect(window.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(limit);
          }
          const { attempted, accepted, refused, unknown } = await usage();
          expect(attempted).toBe(spent.reduce((sum, { units }) => sum + units, 0));
          expect(accepted + refused + unknown).toBe(attempted);
          expect(caller.units()).toBe(attempted);
          expect(caller.calls()).toBe(spent.length);
        },
      ),
      { numRuns: 40 },
    );
  });
});
