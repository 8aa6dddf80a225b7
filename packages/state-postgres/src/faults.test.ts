import { BugError, type LandedRow, type StateStore, type SyncState, TransientError } from "@acme/sync-core";
import { rowsOf, toBatch, toDigest, toReceipt } from "@acme/sync-core/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type CommitFate, type Relay, startRelay } from "./__fixtures__/relay.ts";
import { startServer, type TestServer } from "./__fixtures__/server.ts";
import { openPostgresRunQueue } from "./open-postgres-run-queue.ts";
import { openPostgresState } from "./open-postgres-state.ts";
import type { PostgresStateOptions } from "./open-session.ts";

let server: TestServer;
let relay: Relay;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

let schemas = 0;
let opened: StateStore[] = [];
let place: Pick<PostgresStateOptions, "url" | "now" | "mode">;
beforeEach(async () => {
  relay = await startRelay(server.port);
  place = { url: server.url(`&schema=faults_${++schemas}`, relay.port), now: Date.now, mode: "create" };
});
afterEach(async () => {
  for (const store of opened) await store.close();
  opened = [];
  await relay.close();
});

const open = async (options: Partial<PostgresStateOptions> = {}): Promise<StateStore> => {
  const store = await openPostgresState({ ...place, ...options });
  if (store === null) throw new Error("no state was made");
  opened.push(store);
  return store;
};
const claim = async (store: StateStore, holder = "run"): Promise<SyncState> => {
  const state = await store.claim("customers", holder, 60_000);
  if (state === null) throw new Error("held by somebody else");
  return state;
};
const view = async (store: StateStore, state: SyncState): Promise<unknown> => ({
  summary: { ...(await store.summary("customers")), heldBy: null },
  batches: (await state.unsettled()).map(({ id, eventId, sentAt }) => ({ id, eventId, sent: sentAt !== null })),
  known: [...(await store.known("customers", ["a", "b", "c", "d"]))],
  parked: (await store.parked("customers", 10)).map(({ key, reason }) => ({ key, reason })),
  receipts: (await store.receipts("customers", 10)).length,
  echoes: (await state.echoes()).length,
  deletions: await state.deletions(),
  left: await state.left(Number.MAX_SAFE_INTEGER, 10),
});

/** A run's worth of writes, each of them a transaction. */
const steps: readonly ((state: SyncState) => Promise<unknown>)[] = [
  (state) => state.writeDown([toBatch("b1", ["a", "b"]), toBatch("b2", ["c"])], [toParked("d")]),
  (state) => state.markSent("b1"),
  (state) => state.markAccepted("b1", "event-1"),
  (state) =>
    state.settle({
      batchId: "b1",
      landed: [{ key: "a", digest: toDigest("a"), identity: "r a" }, ...rowsOf("b")],
      parked: [toParked("c")],
      replacedBy: [toBatch("b3", ["c"])],
      echoUntilMs: Date.now() + 600_000,
    }),
  (state) => state.settle({ batchId: "b2", landed: rowsOf("c"), parked: [], replacedBy: [] }),
  (state) => state.withdraw(["b3"]),
  (state) => state.keepSelection("s"),
  (state) => state.checkpoint({ page: 1 }, null, { begins: "s", seen: ["a"], gone: ["b"], identities: [] }),
  async (state) => expect(await state.forgetUnidentified()).toBe(2),
  (state) => state.completeEnumeration(),
  (state) => state.leave(["a"]),
  (state) => state.saveReceipt(toReceipt("1")),
  (state) => state.renew(60_000),
];

const toParked = (key: string) => ({ key, code: "refused", reason: `because of ${key}`, digest: toDigest(key) });

describe("a connection that is lost at a commit", () => {
  for (const fates of [["lost"], ["unanswered"], ["unanswered", "lost", "unanswered"]] satisfies CommitFate[][]) {
    test(`${fates.join(", then ")}: every method has happened once`, async () => {
      const calm = await open({ url: server.url(`&schema=faults_${schemas}_calm`) });
      const calmState = await claim(calm);
      const store = await open();
      const state = await claim(store);
      for (const [index, step] of steps.entries()) {
        await step(calmState);
        const before = relay.commits();
        relay.fates = [...fates];
        await step(state);
        expect(relay.fates, `step ${index}`).toEqual([]);
        expect(relay.commits() - before, `step ${index}`).toBe(fates.length + 1);
        expect(await view(store, state), `after step ${index}`).toEqual(await view(calm, calmState));
      }
    });
  }

  test("does not keep a run from its claim, nor a runner from what it took", async () => {
    const store = await open();
    relay.fates = ["unanswered"];
    const state = await claim(store);
    await state.checkpoint(1, null);
    const queue = await openPostgresRunQueue(place);
    const id = await queue?.enqueue({ sync: "a", kind: "sync", trigger: "hand", priority: 1, dueAt: 0 });
    relay.fates = ["unanswered"];
    const run = await queue?.take(id ?? "", "runner", 60_000);
    expect(run).not.toBeNull();
    relay.fates = ["unanswered"];
    expect(run === null || run === undefined ? false : await queue?.finish(run)).toBe(true);
    relay.fates = ["unanswered"];
    expect(await queue?.raiseAlert({ sync: "a", kind: "failed", text: "x" })).toBe(true);
    relay.fates = ["unanswered"];
    expect(await queue?.clearAlert({ sync: "a", kind: "failed" })).toMatchObject({ text: "x" });
    await queue?.close();
  });
});

test("a commit that is held up for long is given up by the server; who comes next gets through, and the first writes nothing", async () => {
  const store = await open();
  const first = await store.claim("customers", "first", 500);
  if (first === null) throw new Error("not claimed");
  relay.fates = ["held"];
  const writing = first.checkpoint({ by: "first" }, null);
  const failed = expect(writing).rejects.toThrow('Another run has taken over sync "customers": second');
  await vi.waitUntil(() => relay.fates.length === 0);
  const other = await open({ url: server.url(`&schema=faults_${schemas}`) });
  const second = await vi.waitUntil(() => other.claim("customers", "second", 60_000), {
    timeout: 60_000,
    interval: 50,
  });
  await second.checkpoint({ by: "second" }, null);
  relay.letGo();
  await failed;
  expect((await other.summary("customers"))?.cursor).toEqual({ by: "second" });
});

describe("a server that goes away", () => {
  test("and comes back is waited for", async () => {
    const store = await open();
    const state = await claim(store);
    await state.checkpoint(1, null);
    await server.halt();
    const writing = state.checkpoint(2, null);
    const reading = store.summary("customers");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await server.resume();
    await writing;
    await reading;
    expect(await state.cursor()).toBe(2);
  });

  test("for longer than a method has patience: a TransientError, without the password", async () => {
    const store = await open({ patienceMs: 200 });
    const state = await claim(store);
    await server.halt();
    try {
      const attempts = [state.checkpoint(1, null), store.reserve("key", 1, null), open()];
      for (const attempt of await Promise.allSettled(attempts)) {
        const error: unknown = attempt.status === "rejected" ? attempt.reason : null;
        expect(error).toBeInstanceOf(TransientError);
        expect(String(error)).toContain("cannot be reached");
        expect(String(error)).not.toContain("secret-of-root");
      }
    } finally {
      await server.resume();
    }
  });

  test("between two methods is not noticed", async () => {
    const store = await open();
    const state = await claim(store);
    await state.checkpoint(1, null);
    relay.cut();
    await state.checkpoint(2, null);
    expect(await state.cursor()).toBe(2);
  });

  test("ends sessions by hand: the method is done again", async () => {
    const store = await open();
    const state = await claim(store);
    const admin = await server.connect();
    for (let round = 0; round < 10; round++) {
      const writing = state.checkpoint(round, null);
      await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'acme-sync-state'",
      );
      await writing;
      expect(await state.cursor()).toBe(round);
    }
  });
});

test("a page of a thousand rows is a handful of round trips, whatever happens to its rows", async () => {
  const store = await open();
  const state = await claim(store);
  const keys = Array.from({ length: 1_000 }, (_, at) => `key ${at}`);
  const count = async (work: () => Promise<unknown>): Promise<number> => {
    const before = relay.roundTrips();
    await work();
    return relay.roundTrips() - before;
  };
  const landed = (version: string): readonly LandedRow[] =>
    keys.map((key) => ({ key, digest: toDigest(key + version), identity: `record ${key} ${version}` }));
  const settle = (rows: readonly LandedRow[], parked = false): Promise<void> =>
    state.settle({ batchId: "b", landed: rows, parked: parked ? keys.map(toParked) : [], replacedBy: [] });
  const marks = { seen: keys, gone: keys, identities: keys.map((key) => ({ key, identity: `new ${key}` })) };
  expect(await count(() => store.known("customers", keys))).toBe(1);
  expect(await count(() => state.writeDown([toBatch("b", keys)], keys.map(toParked)))).toBeLessThanOrEqual(5);
  expect(await count(() => settle(landed("1")))).toBeLessThanOrEqual(6);
  expect(await count(() => settle(landed("2"), true))).toBeLessThanOrEqual(8);
  expect(await count(() => state.checkpoint(1, null, marks))).toBeLessThanOrEqual(8);
  expect(await count(() => store.reserve("rate", 1, { unitsPerMinute: 60, burstUnits: 5 }))).toBe(1);
});

test("methods at once, more than there are connections: all of them are answered", async () => {
  const store = await open({ url: `${place.url}&pool_size=2` });
  const state = await claim(store);
  const keys = Array.from({ length: 50 }, (_, at) => `key ${at}`);
  await Promise.all([
    ...keys.map((key) => state.settle({ batchId: key, landed: rowsOf(key), parked: [], replacedBy: [] })),
    ...keys.map(() => store.reserve("rate", 1, { unitsPerMinute: 60, burstUnits: 5 })),
    ...keys.map((key) => store.known("customers", [key])),
  ]);
  expect(await store.summary("customers")).toMatchObject({ landedRows: 50 });
});

test("a store that is closed while a method waits for its server ends that method", async () => {
  const store = await open();
  const state = await claim(store);
  await server.halt();
  try {
    const writing = state.checkpoint(1, null);
    const failed = expect(writing).rejects.toBeInstanceOf(BugError);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await store.close();
    await failed;
  } finally {
    await server.resume();
  }
});
