import { createHash } from "node:crypto";
import {
  type Connector,
  openSqliteRunQueue,
  openSqliteState,
  type QueueEntry,
  type Receipt,
  type RunQueue,
  type StateStore,
  type SyncState,
} from "@acme/sync-core";
import type { LoadedSync } from "@acme/sync-core/program";
import { toBatch, toReceipt } from "@acme/sync-core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { RunnerView } from "../contracts/runner-view.ts";
import { createFailedStarts, type FailedStarts } from "../runs/failed-starts.ts";
import { createLiveRuns, type LiveRuns } from "../runs/live-runs.ts";
import { createRemembered, type Remembered } from "./remembered.ts";
import { createRunnerView } from "./create-runner-view.ts";
import { createShownState } from "./create-shown-state.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
let clock = NOW;
let state: StateStore;
let queue: RunQueue;
let entries: QueueEntry[];
let paused: Set<string>;
let live: LiveRuns;
let failedStarts: FailedStarts;
let remembered: Remembered;
let view: RunnerView;

const digest = (text: string): Uint8Array => Uint8Array.from(createHash("sha256").update(text).digest());
const connector: Connector = {
  name: "postgres",
  packageName: "@acme/connector-postgres",
  version: "1",
  config: z.object({}),
  create() {
    throw new Error("not used here");
  },
};
const sync = (name: string, schedule: string | null): LoadedSync => ({
  name,
  schedule,
  connector,
  source: {},
  mapping: null,
  runner: {},
  digest: "d",
  deletes: null,
});
const receipt = (rest: Partial<Receipt> = {}): Receipt => ({ ...toReceipt("run"), sync: "customers", ...rest });
const at = (ms: number): string => new Date(ms).toISOString();

async function claim(): Promise<SyncState> {
  const claimed = await state.claim("customers", "test", 60_000);
  if (claimed === null) throw new Error("held by somebody else");
  return claimed;
}

beforeEach(async () => {
  clock = NOW;
  entries = [];
  paused = new Set();
  state = await openSqliteState({ file: ":memory:", now: () => clock });
  queue = await openSqliteRunQueue({ file: ":memory:", now: () => clock });
  const runtime = { now: () => clock };
  const syncs = [sync("customers", "0 * * * *"), sync("orders", null)];
  live = createLiveRuns({ runtime, stallMs: 60_000, graceMs: 0, onStall: () => undefined });
  failedStarts = createFailedStarts(syncs, runtime);
  const shown = createShownState(state, (text) => text.replaceAll("hunter2", "***"));
  const onError = (error: unknown): never => {
    throw error;
  };
  remembered = createRemembered({ state: shown, now: () => clock, maxAgeMs: 5000, onError });
  const engine = {
    list: () => entries,
    paused: () => paused,
    nextRunAt: (name: string) => (name === "customers" && !paused.has(name) ? NOW + 3_600_000 : null),
  };
  view = createRunnerView({
    syncs,
    state: shown,
    queue,
    engine,
    live,
    failedStarts,
    remembered,
    now: () => clock,
    maxConcurrentRuns: 1,
    quota: { paceKey: "key", perMonth: null, maxConcurrentRequests: 4 },
    watch: () => () => undefined,
  });
});
afterEach(async () => {
  await state.close();
  await queue.close();
});

const entry = (rest: Partial<QueueEntry> = {}): QueueEntry => ({
  id: "1",
  sync: "customers",
  kind: "sync",
  trigger: "schedule",
  priority: 0,
  dueAt: NOW,
  enqueuedAt: NOW,
  heldBy: null,
  takenAt: null,
  cancelled: false,
  deaths: 0,
  ...rest,
});
const run = (rest: object = {}) => ({
  sync: "customers",
  kind: "sync" as const,
  trigger: "hand" as const,
  priority: 10,
  runId: "live-1",
  startedAt: NOW,
  dueAt: NOW,
  signal: new AbortController().signal,
  ...rest,
});

describe("a sync", () => {
  test("that never ran is there, in the order of the configuration", async () => {
    const [customers, orders] = await view.syncs();
    expect(customers).toMatchObject({
      name: "customers",
      state: "idle",
      nextRunAt: NOW + 3_600_000,
      lastReceipt: null,
    });
    expect(orders).toMatchObject({ name: "orders", schedule: null, nextRunAt: null, landedRows: 0, freshAt: null });
    expect(await view.sync("nobody")).toBeNull();
  });

  test("shows its runs, and since when it is fresh: the last run that ended well counts", async () => {
    const held = await claim();
    for (const [runId, exitCode, hour] of [
      ["a", 0, 1],
      ["b", 4, 2],
      ["c", 6, 3],
    ] as const)
      await held.saveReceipt(receipt({ runId, exitCode, startedAt: at(NOW + hour), finishedAt: at(NOW + hour + 1) }));
    const shown = await view.sync("customers");
    expect(shown).toMatchObject({ freshAt: NOW + 2, lastReceipt: { runId: "c" } });
    expect(shown?.recentRuns.map(({ runId }) => runId)).toEqual(["c", "b", "a"]);
  });

  test("that has failed for long still knows when it was fresh", async () => {
    const held = await claim();
    await held.saveReceipt(receipt({ runId: "good", startedAt: at(NOW) }));
    for (let number = 0; number < 30; number += 1)
      await held.saveReceipt(receipt({ runId: `bad ${number}`, exitCode: 6, startedAt: at(NOW + number + 1) }));
    expect((await view.sync("customers"))?.freshAt).toBe(NOW);
  });

  test("that could not begin has that run before its others, without secrets", async () => {
    const held = await claim();
    await held.saveReceipt(receipt({ runId: "good", startedAt: at(NOW - 5000), message: "hunter2 again" }));
    const end = { state: "failed", exitCode: 3, message: "wrong password", hint: null } as const;
    await failedStarts.listen(run({ runId: "bad" })).ended?.(end);
    const shown = await view.sync("customers");
    expect(shown?.lastReceipt).toMatchObject({
      runId: "bad",
      outcome: "failed",
      exitCode: 3,
      message: "wrong password",
    });
    expect((await view.runs("customers", 5)).map(({ runId, message }) => [runId, message])).toEqual([
      ["bad", "wrong password"],
      ["good", "*** again"],
    ]);
    expect((await view.run("customers", "bad"))?.receipt?.exitCode).toBe(3);
  });

  test.each([
    { what: "queued", entries: [entry()], is: { state: "queued", runsAgain: false } },
    {
      what: "queued until its time",
      entries: [entry({ dueAt: NOW + 65_000 })],
      is: { state: "queued", waitingFor: "its time, 12:01:05 UTC" },
    },
    {
      what: "to be tried again",
      entries: [entry({ dueAt: NOW + 65_000, takenAt: NOW })],
      is: { state: "queued", waitingFor: "another try at 12:01:05 UTC" },
    },
    {
      what: "queued behind others",
      entries: [entry(), entry({ id: "2", sync: "orders", heldBy: { holder: "x", untilMs: NOW + 1 } })],
      is: { state: "queued", waitingFor: "a free place: 1 runs are under way, as many as may be" },
    },
    {
      what: "run elsewhere",
      entries: [entry({ heldBy: { holder: "host-2", untilMs: NOW + 1 }, takenAt: NOW - 1 })],
      is: {
        state: "running",
        waitingFor: "its end: it is run by host-2",
        running: { startedAt: NOW - 1, progress: null },
      },
    },
    {
      what: "cancelled, and to run no more",
      entries: [entry({ heldBy: { holder: "host-2", untilMs: NOW + 1 }, cancelled: true })],
      is: { state: "cancelling", runsAgain: false },
    },
  ])("is $what", async ({ entries: given, is }) => {
    entries = given;
    expect(await view.sync("customers")).toMatchObject(is);
  });

  test("is running here, and says what it waits for", async () => {
    entries = [entry({ heldBy: { holder: "us", untilMs: NOW + 1 } }), entry({ id: "2", trigger: "again" })];
    const running = live.begin(run());
    running.silentSince(() => NOW - 45_000);
    expect(await view.sync("customers")).toMatchObject({
      state: "running",
      runsAgain: true,
      running: { runId: "live-1", trigger: "hand", startedAt: NOW, progress: null },
      waitingFor: "the source, which has said nothing for 45 s",
    });
    running.end();
  });

  test("is paused: its next run is null exactly then", async () => {
    paused.add("customers");
    expect(await view.sync("customers")).toMatchObject({ state: "paused", nextRunAt: null });
  });

  test("shows what the alerts told, newest first", async () => {
    await queue.raiseAlert({ sync: "customers", kind: "failed", text: "wrong password" });
    clock += 1;
    await queue.raiseAlert({ sync: "customers", kind: "stale", text: "old" });
    await queue.raiseAlert({ sync: "orders", kind: "stale", text: "other" });
    expect((await view.sync("customers"))?.warnings).toEqual(["old", "wrong password"]);
  });

  test("is looked up again when a run has ended, or after a while", async () => {
    await view.syncs();
    const held = await claim();
    await held.saveReceipt(receipt({ runId: "a" }));
    expect((await view.sync("customers"))?.lastReceipt).toBeNull();
    remembered.forget("customers");
    expect((await view.sync("customers"))?.lastReceipt?.runId).toBe("a");
    await held.saveReceipt(receipt({ runId: "b" }));
    clock += 5001;
    // The first who asks is answered at once, and sees to it that the next one gets the news.
    expect((await view.sync("customers"))?.lastReceipt?.runId).toBe("a");
    await new Promise((resolve) => void setImmediate(resolve));
    expect((await view.sync("customers"))?.lastReceipt?.runId).toBe("b");
  });
});

describe("a run", () => {
  test("has its timeline, while it goes on and after it", async () => {
    const note = { sync: "customers", runId: "live-1", trigger: "hand", at: NOW, text: "Began by hand" } as const;
    await queue.note(note);
    const running = live.begin(run());
    const timeline = [{ at: NOW, text: "Began by hand" }];
    expect(await view.run("customers", "live-1")).toMatchObject({ receipt: null, trigger: "hand", timeline });
    running.end();
    await (await claim()).saveReceipt(receipt({ runId: "live-1" }));
    expect(await view.run("customers", "live-1")).toMatchObject({
      receipt: { runId: "live-1" },
      trigger: "hand",
      timeline,
    });
    expect(await view.run("customers", "unknown")).toBeNull();
  });
});

describe("is record KEY in, and if not, why", () => {
  test("in, parked, outdated, under way, unknown", async () => {
    const held = await claim();
    const parked = { code: "REFUSED", reason: "no hunter2", digest: digest("new") };
    await held.writeDown([toBatch("b", ["under way"])], []);
    await held.settle({
      batchId: "x",
      landed: [
        { key: "in", digest: digest("in") },
        { key: "outdated", digest: digest("old") },
      ],
      parked: [
        { ...parked, key: "outdated" },
        { ...parked, key: "parked" },
        { ...parked, key: "unmapped", digest: null },
      ],
      replacedBy: [],
    });
    const states: Record<string, string> = {};
    for (const key of ["in", "outdated", "parked", "unmapped", "under way", "nobody"])
      states[key] = (await view.find("customers", key)).state;
    expect(states).toEqual({
      in: "in",
      outdated: "outdated",
      parked: "parked",
      unmapped: "parked",
      "under way": "under-way",
      nobody: "unknown",
    });
    expect((await view.find("customers", "parked")).parked).toMatchObject({ key: "parked", reason: "no ***" });
    expect((await view.find("no such sync", "in")).state).toBe("unknown");
  });

  test("parked rows come oldest first", async () => {
    const held = await claim();
    for (const key of ["c", "a", "b"]) {
      await held.writeDown([], [{ key, code: "X", reason: "x", digest: null }]);
      clock += 1;
    }
    expect((await view.parked("customers", 2)).map(({ key }) => key)).toEqual(["c", "a"]);
  });
});

describe("the quota", () => {
  test("is what was used, of what the plan allows, at its pace", async () => {
    await state.addUsage("key", "2026-11", { attempted: 100, refused: 10, providerLimit: 5000 });
    await state.reserve("key", 1, { unitsPerMinute: 60, burstUnits: 1 });
    expect(await view.quota()).toEqual([
      { syncs: ["customers", "orders"], month: "2026-11", used: 90, limit: 5000, perMinute: 60, backOffUntil: null },
    ]);
  });

  test("says until when a 429 has everybody wait; an ordinary place in the line is no such wait", async () => {
    const pace = { unitsPerMinute: 60, burstUnits: 1 };
    for (let call = 0; call < 5; call += 1) await state.reserve("key", 1, pace);
    expect((await view.quota())[0]?.backOffUntil).toBeNull();
    await state.penalize("key", 30_000, pace);
    expect((await view.quota())[0]?.backOffUntil).toBeGreaterThanOrEqual(NOW + 30_000);
  });
});
