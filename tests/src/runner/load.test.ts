import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Config, contact, contactSync, useWorlds } from "../support/world.ts";
import { metric, serve, TOKEN } from "./served.ts";

/** The short version of `pnpm benchmark --only runner`, which measures; here nothing is timed. */
const SYNCS = 120;
const SIZES = [5, 5, 5, 5, 40, 40, 300];
const AT_ONCE = 6;
const worlds = useWorlds();

it("a hundred syncs of mixed size on one runner: every one runs again and again, everything lands, the page answers", {
  timeout: 300_000,
}, async () => {
  const world = await worlds.create();
  const syncs: Record<string, Config["syncs"][string]> = {};
  let rows = 0;
  for (let at = 0; at < SYNCS; at += 1) {
    const size = SIZES[at % SIZES.length] ?? 1;
    rows += size;
    await world.database.query(
      `create table t${at} (id int primary key, email text, city text, updated_at timestamptz default now());
       insert into t${at} select n, 't${at}.' || n || '@people.example', 'city' from generate_series(1, ${size}) n`,
    );
    syncs[`sync-${at}`] = contactSync(`t${at}`, { city: contact("city") }, { sync: { schedule: "*/20 * * * * *" } });
  }
  await world.configure({
    runner: { port: 0, token: TOKEN, jitterMs: 15_000, maxConcurrentRuns: AT_ONCE, shutdownMs: 120_000 },
    // Here a stop cuts no run short, however busy the machine.
    engine: { interruptGraceMs: 120_000 },
    personize: { rateUnit: "call" },
    syncs,
  });
  const served = await serve(world);
  const began = (): number[] => {
    const counts = new Map(Object.keys(syncs).map((name) => [name, 0]));
    for (const { msg, sync = "" } of served.log())
      if (msg === "run began") counts.set(sync, (counts.get(sync) ?? 0) + 1);
    return [...counts.values()];
  };
  const pages: number[] = [];
  while (Math.min(...began()) < 2) {
    pages.push((await served.get("/")).status);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const status = readFileSync(`/proc/${served.process.child.pid}/status`, "utf8");
  process.stdout.write(`peak memory of the runner: ${/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? "?"} kB\n`);
  expect(await metric(served, 'runner_syncs{state="paused"}')).toBe(0);
  const { code, err } = await served.stop();
  expect(code).toBe(0);
  expect(new Set(pages)).toEqual(new Set([200]));
  // Nobody is served twice while another has waited for its first.
  expect(Math.max(...began()) - Math.min(...began())).toBeLessThanOrEqual(3);
  expect(err).not.toContain('"level":"error"');
  let atOnce = 0;
  let most = 0;
  for (const { msg } of served.log()) {
    if (msg === "run began") atOnce += 1;
    else if (msg.startsWith("run ended")) atOnce -= 1;
    most = Math.max(most, atOnce);
  }
  expect(most).toBeLessThanOrEqual(AT_ONCE);
  expect(world.api.control.counts()).toMatchObject({ records: rows, rowsReceived: rows });
});
