import { describe, expect, it } from "vitest";
import { contact, contactSync, KEY, readDocument, useWorlds, type World } from "../support/world.ts";

const worlds = useWorlds();
const cities = { city: contact("city") };

async function createTable(world: World, name: string, rows: number): Promise<void> {
  await world.database.query(
    `create table ${name} (id int primary key, email text, city text, updated_at timestamptz default now());
     insert into ${name} select n, '${name}' || n || '@people.example', 'city' from generate_series(1, ${rows}) n`,
  );
}

describe.concurrent("runner sync", () => {
  it("runs every sync of the file; one that fails does not stop the others, and the exit code is the worst", async () => {
    const world = await worlds.create();
    for (const name of ["a", "b", "c"]) await createTable(world, name, 30);
    await world.configure({
      syncs: {
        a: contactSync("a", cities),
        broken: contactSync("nowhere", cities),
        b: contactSync("b", cities),
        c: contactSync("c", cities),
      },
    });
    const { code, out } = await world.startRunner(["sync", "--json"]).ended;
    const document = readDocument(out);
    expect(code).toBe(2);
    expect(document.syncs.map(({ sync, receipt, error }) => [sync, receipt?.outcome ?? error?.kind])).toEqual([
      ["a", "done"],
      ["broken", "config"],
      ["b", "done"],
      ["c", "done"],
    ]);
    expect(world.api.control.counts().records).toBe(90);
  });

  it("--only takes some of them", async () => {
    const world = await worlds.create();
    for (const name of ["a", "b", "c"]) await createTable(world, name, 10);
    await world.configure({
      syncs: Object.fromEntries(["a", "b", "c"].map((name) => [name, contactSync(name, cities)])),
    });
    const { code, out } = await world.startRunner(["sync", "--only", "a,c", "--json"]).ended;
    expect(code).toBe(0);
    expect(readDocument(out).syncs.map(({ sync }) => sync)).toEqual(["a", "c"]);
    expect(world.api.control.counts().records).toBe(20);
  });

  it("side by side they keep to the plan's requests at once and to its minute, all together", async () => {
    const plan = { perMinute: 1200, perMonth: 1_000_000, maxConcurrent: 4 };
    const world = await worlds.create({ organizations: [{ id: "org_tests", keys: [KEY], plan }] });
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) await createTable(world, name, 60);
    await world.configure({
      personize: { maxConcurrentRequests: 4 },
      syncs: Object.fromEntries(names.map((name) => [name, contactSync(name, cities)])),
    });
    const { code, out } = await world.startRunner(["sync", "--json"]).ended;
    expect(readDocument(out).syncs.map(({ receipt }) => receipt?.rows.landed)).toEqual(names.map(() => 60));
    expect(code).toBe(0);
    const { rateLimited } = world.api.control.counts();
    expect(Object.values(rateLimited).reduce((sum, count) => sum + count, 0)).toBe(0);
    // Side by side indeed: each began before the first had ended.
    const spans = readDocument(out).syncs.flatMap(({ receipt }) =>
      receipt === undefined ? [] : [[Date.parse(receipt.startedAt), Date.parse(receipt.finishedAt)] as const],
    );
    const firstEnd = Math.min(...spans.map(([, end]) => end));
    expect(spans.filter(([begin]) => begin < firstEnd).length).toBeGreaterThanOrEqual(4);
  });

  it("every other command works across all syncs, and --version says what is inside", async () => {
    const world = await worlds.create();
    for (const name of ["a", "b"]) await createTable(world, name, 5);
    await world.configure({
      runner: { token: "${NOT_SET}" },
      syncs: Object.fromEntries(
        ["a", "b"].map((name) => [name, { ...(contactSync(name, cities) as object), schedule: "@daily" }]),
      ),
    });
    for (const words of [
      ["check"],
      ["discover"],
      ["plan"],
      ["sync"],
      ["verify"],
      ["status"],
      ["retry"],
      ["state", "show"],
    ]) {
      const { code, out, err } = await world.startRunner([...words, "--json"]).ended;
      expect(err, words.join(" ")).toBe("");
      expect(code, words.join(" ")).toBe(0);
      expect(
        readDocument(out).syncs.map(({ sync }) => sync),
        words.join(" "),
      ).toEqual(["a", "b"]);
    }
    const { out } = await world.startRunner(["--version"]).ended;
    expect(out).toMatch(/^@acme\/runner \S+\n@acme\/connector-postgres \S+\n/);
    expect(out).toMatch(/^@acme\/sync-core \S+$/m);
    expect(out).toMatch(/^@personize\/sdk \S+( \(stand-in\))?$/m);
  });

  it("the same file serves a connector's own program, which passes over what is the runner's", async () => {
    const world = await worlds.create();
    await createTable(world, "a", 5);
    await world.configure({
      runner: { token: "short", nonsense: true },
      syncs: { a: { ...(contactSync("a", cities) as object), runner: { timezone: "Nowhere" } } },
    });
    expect(await world.run("sync")).toMatchObject({ code: 0 });
  });
});
