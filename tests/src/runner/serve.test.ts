import { createServer } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import type { Receipt } from "@acme/sync-core";
import { until } from "../support/until.ts";
import {
  type Config,
  contact,
  contactSync,
  CONTENT,
  KEY,
  readDocument,
  useWorlds,
  type World,
} from "../support/world.ts";
import { metric, readLog, serve, type Served, TOKEN } from "./served.ts";

const worlds = useWorlds();
const closing: (() => unknown)[] = [];
afterAll(() => closing.forEach((close) => close()));

const RUNNER = { port: 0, token: TOKEN };
const EVERY_SECOND = "* * * * * *";

async function createTable(world: World, name: string, rows: number): Promise<void> {
  await world.database.query(
    `create table ${name} (id int primary key, email text, city text, updated_at timestamptz default now());
     insert into ${name} select n, '${name}' || n || '@people.example', '${CONTENT}' || n from generate_series(1, ${rows}) n`,
  );
}

const sync = (table: string, rest: Readonly<Record<string, unknown>> = {}): Config["syncs"][string] =>
  contactSync(table, { city: contact("city") }, { sync: rest });

async function worldWith(
  tables: Readonly<Record<string, number>>,
  config: Config,
  options?: Parameters<typeof worlds.create>[0],
): Promise<World> {
  const world = await worlds.create(options);
  for (const [table, rows] of Object.entries(tables)) await createTable(world, table, rows);
  await world.configure(config);
  return world;
}

/** Newest first. */
async function receipts(world: World, name: string): Promise<readonly Receipt[]> {
  const { out } = await world.startRunner(["status", "--json", "--only", name]).ended;
  const found = readDocument(out).syncs[0]?.["receipts"];
  return Array.isArray(found) ? found : [];
}

/** A server that keeps what is posted to it. */
async function startListener(): Promise<{ readonly url: string; readonly posted: { path: string; body: string }[] }> {
  const posted: { path: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      posted.push({ path: request.url ?? "", body: Buffer.concat(chunks).toString("latin1") });
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${portOf(server)}`, posted };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return address.port;
}

const endedRuns = (served: Served, name: string): number =>
  served.log().filter((line) => line.sync === name && line.msg.startsWith("run ended")).length;

describe.concurrent("runner serve", () => {
  it("runs syncs by their schedules, one run of each at a time, and ends with 0 when it is told to stop", async () => {
    const world = await worldWith(
      { a: 40, b: 40 },
      {
        runner: RUNNER,
        syncs: { a: sync("a", { schedule: EVERY_SECOND }), b: sync("b", { schedule: "*/2 * * * * *" }) },
      },
    );
    const served = await serve(world);
    await until("three runs of each", () => endedRuns(served, "a") >= 3 && endedRuns(served, "b") >= 3);
    expect(await metric(served, 'runner_sync_landed_rows{sync="a"}')).toBe(40);
    expect(await metric(served, 'runner_runs_total{sync="a",outcome="done"}')).toBeGreaterThanOrEqual(3);
    const { code, out, err } = await served.stop();
    expect(code).toBe(0);
    expect(out).toContain("Stopped.");
    const runs = readLog(err).filter((line) => line.sync === "a" && /^run (began|ended)/.test(line.msg));
    expect(runs.map(({ msg }) => msg.slice(0, 9)).join()).toMatch(/^(run began,run ended,?)+$/);
    expect(world.api.control.counts()).toMatchObject({ records: 80, rowsReceived: 80 });
    const kept = await receipts(world, "a");
    // The one that was under way when it was told to stop may have been cut short.
    expect([0, 143]).toContain(kept[0]?.exitCode);
    expect(kept.slice(1).every(({ exitCode }) => exitCode === 0)).toBe(true);
    expect(runs.map(({ runId }) => runId)).toContain(kept[0]?.runId);
  });

  it("takes wishes from the page: run, run again after this one, cancel, pause, resume, retry", async () => {
    const world = await worldWith(
      { a: 20 },
      { runner: RUNNER, syncs: { a: sync("a", { schedule: EVERY_SECOND }) } },
      { landingDelayMs: 1500 },
    );
    const served = await serve(world);
    expect(await served.act("a", "pause")).toBe("paused");
    await until("quiet", () => endedRuns(served, "a") === served.log().filter(({ msg }) => msg === "run began").length);
    const before = endedRuns(served, "a");
    expect(await metric(served, 'runner_sync_paused{sync="a"}')).toBe(1);
    await world.database.query("update a set city = city || '!', updated_at = now()");
    expect(await served.act("a", "run")).toBe("run-queued");
    await until("a run under way", () => served.log().filter(({ msg }) => msg === "run began").length > before);
    expect(await served.act("a", "run")).toBe("run-queued");
    expect(await served.act("a", "run")).toBe("run-already");
    await until("both runs", () => endedRuns(served, "a") === before + 2);
    const triggers = served.log().flatMap((line) => (line.msg === "run began" ? [line["trigger"]] : []));
    expect(triggers.slice(-2)).toEqual(["hand", "again"]);

    await world.database.query("update a set city = city || '!', updated_at = now()");
    const writes = world.writes();
    await served.act("a", "run");
    await until("a run to cancel", () => world.writes() > writes);
    expect(await served.act("a", "cancel")).toBe("cancelling");
    await until("its end", () => endedRuns(served, "a") === before + 3);
    expect(served.log().findLast(({ msg }) => msg.startsWith("run ended"))).toMatchObject({
      outcome: "interrupted",
      msg: expect.stringContaining("cancelled by hand"),
    });
    expect(await served.act("a", "cancel")).toBe("cancel-none");

    expect(await served.act("a", "retry")).toBe("retry-queued");
    await until("the retry", () => endedRuns(served, "a") === before + 4);
    expect(await served.act("a", "resume")).toBe("resumed");
    await until("the schedule", () => endedRuns(served, "a") > before + 5);
    expect((await served.stop()).code).toBe(0);
    // What the cancelled run had not settled, the ones after it did.
    expect((await world.ask("state", "show")).document.syncs[0]?.summary).toMatchObject({
      landedRows: 20,
      unsettledBatches: 0,
    });
  });

  it("shows what happened: page, run, timeline, record", async () => {
    const world = await worldWith({ a: 10 }, { runner: RUNNER, syncs: { a: sync("a") } });
    await world.database.query("insert into a values (11, null, 'nowhere', now())");
    const served = await serve(world);
    await served.act("a", "run");
    await until("the run", () => endedRuns(served, "a") === 1);
    const runId = served.log().find(({ msg }) => msg === "run began")?.runId ?? "";
    expect((await served.get("/")).text).toContain("1 row is parked");
    const page = await served.get(`/syncs/a/runs/${runId}`);
    for (const text of ["Began by hand", "Reading and sending", "Done; 1 row could not be delivered"])
      expect(page.text).toContain(text);
    expect((await served.get(`/syncs/a/runs/${runId}/receipt.json`)).text).toContain(`"runId": "${runId}"`);
    for (const [key, answer] of [
      ["1", /is in/i],
      ["11", /parked/i],
      ["12", /unknown|never|not seen/i],
    ] as const)
      expect((await served.get(`/syncs/a?key=${key}`)).text).toMatch(answer);
    expect((await served.get(`/syncs/a/runs/no-such-run`)).status).toBe(404);
    // Not on the page either, nor in the metrics.
    for (const path of ["/", "/syncs/a", `/syncs/a/runs/${runId}`, "/metrics"])
      expect((await served.get(path)).text).not.toContain(CONTENT);
    await served.stop();
  });

  it("a sync that cannot begin says why, on the page and to the webhook, once; and once when it is right again", async () => {
    const listener = await startListener();
    const world = await worldWith(
      { a: 5 },
      {
        runner: { ...RUNNER, alerts: { webhookUrl: `${listener.url}/hook`, format: "slack" } },
        syncs: { a: sync("a"), missing: sync("missing", { schedule: EVERY_SECOND }) },
      },
    );
    const served = await serve(world);
    await until("three failures", () => endedRuns(served, "missing") >= 3);
    await until("the alert", () => listener.posted.length > 0);
    expect((await served.get("/")).text).toMatch(/missing[\s\S]*Failed/);
    await createTable(world, "missing", 3);
    await until("that it is right again", () => listener.posted.length > 1);
    await until("more runs", () => endedRuns(served, "missing") >= 6);
    await served.stop();
    const texts = listener.posted.map(({ body }) => String(JSON.parse(body).text));
    expect(texts).toHaveLength(2);
    expect(texts[0]).toMatch(/^:warning: \*missing\*: .*missing/);
    expect(texts[1]).toMatch(/^:white_check_mark: \*missing\*: right again/);
  });

  it("answers to nobody without the token but that it lives and is ready", async () => {
    const world = await worldWith({ a: 1 }, { runner: RUNNER, syncs: { a: sync("a") } });
    const served = await serve(world);
    const answers = await Promise.all(
      ["/healthz", "/readyz", "/metrics", "/", "/syncs/a", "/live"].map(async (path) => {
        const response = await fetch(`${served.url}${path}`, { redirect: "manual" });
        return [path, response.status, (await response.text()).includes("landed_rows")] as const;
      }),
    );
    expect(answers).toEqual([
      ["/healthz", 200, false],
      ["/readyz", 200, false],
      ["/metrics", 401, false],
      ["/", 401, false],
      ["/syncs/a", 401, false],
      ["/live", 401, false],
    ]);
    for (let tries = 0; tries < 10; tries += 1)
      expect(
        (await fetch(`${served.url}/metrics`, { headers: { Authorization: `Bearer wrong-${tries}` } })).status,
      ).toBe(401);
    expect((await fetch(`${served.url}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } })).status).toBe(429);
    const { out, err } = await served.stop();
    expect(out + err).not.toContain(TOKEN);
  });

  it("stopped in the middle of a run, it settles what is in flight, and the next start goes on", async () => {
    const world = await worldWith(
      { a: 400 },
      { runner: RUNNER, syncs: { a: sync("a") } },
      {
        organizations: [
          { id: "org_tests", keys: [KEY], plan: { perMinute: 1500, perMonth: 1_000_000, maxConcurrent: 5 } },
        ],
      },
    );
    const served = await serve(world);
    await served.act("a", "run");
    await until("rows under way", () => world.api.control.counts().records > 30);
    const { code } = await served.stop();
    expect(code).toBe(0);
    const [interrupted] = await receipts(world, "a");
    expect(interrupted).toMatchObject({ outcome: "interrupted", exitCode: 143 });
    const again = await serve(world);
    await until("the rest", () => endedRuns(again, "a") === 1, 60_000);
    await again.stop();
    expect(world.api.control.counts().records).toBe(400);
  });

  it("a second signal ends it at once", async () => {
    const world = await worldWith({ a: 20 }, { runner: RUNNER, syncs: { a: sync("a") } }, { landingDelayMs: 15_000 });
    const served = await serve(world);
    await served.act("a", "run");
    await until("rows under way", () => world.writes() > 0);
    served.process.child.kill("SIGTERM");
    await served.process.said("the runner stops");
    served.process.child.kill("SIGTERM");
    const { code, signal } = await served.process.ended;
    expect({ code, signal }).toEqual({ code: 143, signal: null });
  });

  it("a run that does not end within the time set is left to the next start", async () => {
    const world = await worldWith(
      { a: 20 },
      { runner: { ...RUNNER, shutdownMs: 0 }, syncs: { a: sync("a") } },
      { landingDelayMs: 4000 },
    );
    const served = await serve(world);
    await served.act("a", "run");
    await until("rows under way", () => world.writes() > 0);
    const { code } = await served.stop();
    expect([0, 143]).toContain(code);
    const again = await serve(world);
    await until("its end", () => endedRuns(again, "a") >= 1, 60_000);
    await again.stop();
    expect((await world.summary())?.landedRows).toBe(20);
  });

  it("killed in the middle of a run, the next start takes it up at once", async () => {
    const world = await worldWith({ a: 100 }, { runner: RUNNER, syncs: { a: sync("a") } }, { landingDelayMs: 2500 });
    const served = await serve(world);
    await served.act("a", "run");
    await until("rows under way", () => world.writes() > 0);
    served.process.child.kill("SIGKILL");
    await served.process.ended;
    const again = await serve(world);
    await until("the run", () => endedRuns(again, "a") === 1, 60_000);
    await again.stop();
    expect(world.api.control.counts().records).toBe(100);
    expect((await world.summary())?.landedRows).toBe(100);
  });

  it("a run with which the process dies again and again is taken up later, says so, and holds no other sync up", async () => {
    const config = { runner: RUNNER, syncs: { a: sync("a"), b: sync("b", { schedule: EVERY_SECOND }) } };
    const world = await worldWith({ a: 50, b: 0 }, config, { landingDelayMs: 10_000 });
    const begun = (served: Served): boolean =>
      served.log().some((line) => line.sync === "a" && line.msg.startsWith("run began"));
    for (let death = 1; death <= 2; death += 1) {
      const served = await serve(world);
      if (death === 1) await served.act("a", "run");
      await until("the run that kills", () => begun(served) && endedRuns(served, "b") > 0, 60_000);
      served.process.child.kill("SIGKILL");
      await served.process.ended;
    }
    const queue = new DatabaseSync(join(world.folder, ".sync/state.db"));
    // However slow this machine is, the pause is not over yet.
    queue.exec("update queue_entry set taken_at = taken_at + 3600000 where sync = 'a'");
    const third = await serve(world);
    await until("runs of another sync", () => endedRuns(third, "b") >= 2, 60_000);
    expect(begun(third)).toBe(false);
    expect((await third.get("/")).text).toContain("2 times in a row the runner died with it");

    // Some time passes.
    queue.exec("update queue_entry set taken_at = 0 where sync = 'a'");
    queue.close();
    await until("the run", () => endedRuns(third, "a") === 1, 60_000);
    expect((await third.stop()).code).toBe(0);
    expect(world.api.control.counts().records).toBe(50);
  });

  it.each([
    { kept: "in a file", state: "state.db" },
    { kept: "in PostgreSQL", state: "${DATABASE_URL}" },
  ])("two of them on one state $kept fire every moment once and never run one sync twice", async ({ state }) => {
    const tables = { a: 10, b: 10, c: 10 };
    const syncs = Object.fromEntries(Object.keys(tables).map((name) => [name, sync(name, { schedule: EVERY_SECOND })]));
    const world = await worldWith(tables, { runner: RUNNER, state, syncs });
    const both = await Promise.all([serve(world), serve(world)]);
    await until("runs", () =>
      both.every((served) => served.log().filter(({ msg }) => msg.startsWith("run ended")).length > 8),
    );
    const ended = await Promise.all(both.map((served) => served.stop()));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    const log = both.flatMap((served) => served.log()).toSorted((one, other) => (one.time < other.time ? -1 : 1));
    for (const name of Object.keys(tables)) {
      const steps = log.flatMap(({ sync: of, msg }) =>
        of === name && msg.startsWith("run ") ? [msg.slice(0, 9)] : [],
      );
      expect(steps.length).toBeGreaterThan(6);
      // Two that end and begin in one millisecond may have changed places.
      let underWay = 0;
      for (const [at, step] of steps.entries()) {
        underWay += step === "run began" ? 1 : -1;
        const isTie = underWay === 2 && steps[at + 1] === "run ended";
        expect(underWay <= 1 || isTie, `${name}: ${steps.join()}`).toBe(true);
      }
    }
    expect(world.api.control.counts().rowsReceived).toBe(30);
  });

  it("a source that accepts the connection and never says a word does not hold a run up", async () => {
    const silent = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    closing.push(() => silent.close());
    const port = portOf(silent);
    const world = await worldWith(
      { a: 10 },
      {
        runner: { ...RUNNER, stallMs: 2000 },
        syncs: {
          a: sync("a"),
          mute: sync("a", { source: { url: `postgres://ada@127.0.0.1:${port}/x`, table: "a" } }),
        },
      },
    );
    const served = await serve(world);
    await served.act("mute", "run");
    await served.act("a", "run");
    await until("both ends", () => endedRuns(served, "mute") === 1 && endedRuns(served, "a") === 1, 90_000);
    expect(served.log().find((line) => line.sync === "mute" && line.msg.startsWith("run ended"))).toMatchObject({
      exitCode: 6,
      msg: expect.stringContaining("the source has said nothing for 2 seconds"),
    });
    expect((await served.get("/")).text).toMatch(/mute[\s\S]*the source has said nothing/);
    expect((await served.stop()).code).toBe(0);
  });

  it("gives way to a run that somebody began by hand, says so, and runs after it", async () => {
    const world = await worldWith({ a: 10 }, { runner: RUNNER, syncs: { a: sync("a") } }, { landingDelayMs: 12_000 });
    const byHand = world.startRunner(["sync"]);
    await until("rows under way", () => world.writes() > 0);
    const served = await serve(world);
    await served.act("a", "run");
    await served.process.said("another run of the sync is at work");
    expect((await served.get("/")).text).toMatch(/waits for another run of it, by [^<]*process \d+/);
    expect((await byHand.ended).code).toBe(0);
    await until("its run", () => endedRuns(served, "a") === 1, 60_000);
    await served.stop();
  });

  it("sends traces when an endpoint is set: a run, its phases, its batches", async () => {
    const collector = await startListener();
    const world = await worldWith({ a: 10 }, { runner: RUNNER, syncs: { a: sync("a") } });
    const served = await serve(world, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: "syncs" });
    await served.act("a", "run");
    await until("the run", () => endedRuns(served, "a") === 1);
    await served.stop();
    expect(collector.posted.map(({ path }) => path)).toContain("/v1/traces");
    const sent = collector.posted.map(({ body }) => body).join();
    for (const text of ["syncs", "run a", "reading", "landing", "batch", "run.id", "batch.landed"])
      expect(sent).toContain(text);
    expect(sent).not.toContain(CONTENT);
  });

  it("logs one JSON object a line, with run, sync and batch ids where LOG_LEVEL is debug", async () => {
    const world = await worldWith({ a: 10 }, { runner: RUNNER, syncs: { a: sync("a") } });
    const served = await serve(world, { LOG_LEVEL: "debug" });
    await served.act("a", "run");
    await until("the run", () => endedRuns(served, "a") === 1);
    const { err } = await served.stop();
    const lines = err.split("\n").filter((line) => line !== "" && !line.startsWith("SIGTERM"));
    const log = lines.map((line): Record<string, unknown> => JSON.parse(line));
    const settled = log.find(({ msg }) => msg === "batch settled");
    expect(settled).toMatchObject({ sync: "a", runId: expect.any(String), batchId: expect.any(String), landed: 10 });
    for (const line of log)
      expect(line).toMatchObject({ level: expect.any(String), time: expect.any(String), name: "runner" });
  });
});
