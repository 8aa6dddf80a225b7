import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StateStore } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startServer, type TestServer } from "./__fixtures__/server.ts";
import { openPostgresState } from "./open-postgres-state.ts";

/* Several real processes on one state: what one of them does, the others must not undo. */

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

let schemas = 0;
let url = "";
let children: ChildProcess[] = [];
beforeEach(() => {
  url = server.url(`&schema=together_${++schemas}`);
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
});

const open = async (): Promise<StateStore> => {
  const store = await openPostgresState({ url, now: Date.now, mode: "create" });
  if (store === null) throw new Error("no state was made");
  return store;
};

const start = (task: string, ...args: readonly number[]): ChildProcess => {
  const script = join(import.meta.dirname, "__fixtures__", "state-process.ts");
  const child = spawn(process.execPath, ["--conditions=@acme/source", script, task, url, ...args.map(String)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  children.push(child);
  return child;
};

const nextMessage = async (child: ChildProcess): Promise<Record<string, unknown>> => {
  const ended = new AbortController();
  child.once("close", (code) => ended.abort(new Error(`The process ended with ${code} and said nothing.`)));
  const [message] = await once(child, "message", { signal: ended.signal });
  return message;
};

describe("claims", () => {
  test("of processes that fight for one sync: no step is lost, though some outlive their claim", async () => {
    await (await open()).close();
    const answers = await Promise.all([1, 2, 3].map(() => nextMessage(start("count", 40, 150))));
    const store = await open();
    const cursor = (await store.summary("counter"))?.cursor;
    await store.close();
    expect(cursor).toBe(answers.reduce((sum, answer) => sum + Number(answer["done"]), 0));
    expect(answers.reduce((sum, answer) => sum + Number(answer["lost"]), 0)).toBeGreaterThan(0);
  });

  test("of a process that was killed end with their time, by the clock of the server", async () => {
    const child = start("hold", 1_500);
    expect(await nextMessage(child)).toEqual({ claimed: 1 });
    child.kill("SIGKILL");
    await once(child, "close");
    // This machine's clock is an hour ahead; the claim lives on all the same.
    const store = await openPostgresState({ url, now: () => Date.now() + 3_600_000, mode: "create" });
    expect(await store?.claim("customers", "next", 1_000)).toBeNull();
    const state = await vi.waitUntil(() => store?.claim("customers", "next", 1_000), { timeout: 20_000, interval: 50 });
    expect(state?.fence).toBe(2);
    await store?.close();
  });

  test("of a process that was stopped and goes on later: it writes nothing any more", async () => {
    const child = start("hold", 1_000);
    await nextMessage(child);
    await nextMessage(child);
    child.kill("SIGSTOP");
    const store = await open();
    const state = await vi.waitUntil(() => store.claim("customers", "next", 60_000), { timeout: 40_000, interval: 50 });
    await state.checkpoint({ by: "next" }, null);
    child.kill("SIGCONT");
    let message: Record<string, unknown> = {};
    while (message["failed"] === undefined) message = await nextMessage(child);
    expect(message["failed"]).toContain('Another run has taken over sync "customers": next');
    expect((await store.summary("customers"))?.cursor).toEqual({ by: "next" });
    await store.close();
  });
});

test("moments of schedules fire once, and every run is taken once, by whichever of three runners", async () => {
  const runners = [1, 2, 3].map(() => start("fire", 30));
  await Promise.all(runners.map(nextMessage));
  const answers = runners.map(nextMessage);
  for (const runner of runners) runner.send("go");
  const done = await Promise.all(answers);
  const fired = done.flatMap(({ fired: moments }) => (Array.isArray(moments) ? moments.map(Number) : []));
  const taken = done.flatMap(({ taken: runs }) => (Array.isArray(runs) ? runs.map(String) : []));
  expect(new Set(fired).size).toBe(fired.length);
  expect(fired).toContain(30);
  expect(new Set(taken).size).toBe(taken.length);
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.length).toBeLessThanOrEqual(fired.length);
});

test("a rate is one rate for all processes", async () => {
  await (await open()).close();
  const [unitsPerMinute, burstUnits, calls] = [6_000, 60, 100] as const;
  const takers = [1, 2, 3].map(() => start("reserve", calls, unitsPerMinute, burstUnits));
  await Promise.all(takers.map(nextMessage));
  const answers = takers.map(nextMessage);
  for (const taker of takers) taker.send("go");
  const all = (await Promise.all(answers)).flatMap(({ grants }) => (Array.isArray(grants) ? grants.map(Number) : []));
  const last = Math.max(...all) - Math.min(...all);
  // 300 units, 60 of them at once, the others one after the other; a little less, since the first takes its time, too.
  expect(all).toHaveLength(3 * calls);
  expect(last).toBeGreaterThan((0.8 * ((3 * calls - burstUnits) * 60_000)) / (unitsPerMinute - burstUnits));
});

test("many processes that open a new state at once make it once", async () => {
  const stores = await Promise.all(Array.from({ length: 8 }, () => open()));
  await Promise.all(stores.map((store, at) => store.claim(`sync ${at}`, "run", 1_000)));
  expect(await stores[0]?.syncs()).toHaveLength(8);
  await Promise.all(stores.map((store) => store.close()));
  await sleep(0);
});
