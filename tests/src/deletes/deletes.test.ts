import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Personize } from "@personize/sdk";
import { describe, expect, it } from "vitest";
import { contact, CONTENT, KEY, TEXTS, useWorlds, type World } from "../support/world.ts";

/* Nothing is deleted that was not provably gone at the source, and what was deleted can be had back. */

const worlds = useWorlds();

const email = (id: number): string => `p${id}@${CONTENT}.example`;

interface SyncSketch {
  /** Instead of the table, compared in full. */
  readonly source?: Readonly<Record<string, unknown>>;
  readonly deletes?: "ignore" | "delete";
  readonly url?: string;
}

function peopleSync({ source = { table: "public.people" }, deletes = "delete", url }: SyncSketch = {}) {
  return {
    connector: "postgres",
    source: { url: url ?? "${DATABASE_URL}", ...source },
    mapping: {
      entityType: "contact",
      email: "email",
      properties: {
        first_name: contact("first_name"),
        notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
      },
    },
    deletes,
  };
}

/** Forty people who have landed. */
async function createPeople(sketch: SyncSketch = {}): Promise<World> {
  const world = await worlds.create();
  await world.database.query(
    `create table people (id int primary key, email text, first_name text, notes text, active boolean default true,
       updated_at timestamptz not null default now());
     create index on people (updated_at, id);
     insert into people select n, 'p' || n || '@${CONTENT}.example', '${CONTENT} ' || n, '${CONTENT} note ' || n || '.',
       true, timestamptz '2026-03-01 10:00+00' + n * interval '1 s' from generate_series(1, 40) n`,
  );
  await world.configure({ syncs: { people: peopleSync(sketch) } });
  expect((await world.sync()).rows).toMatchObject({ landed: 40, deleted: 0 });
  return world;
}

/** Ids of the people whose records are deleted. */
function deletedPeople(world: World, count = 40): number[] {
  world.api.control.settleAll();
  return Array.from({ length: count }, (_, index) => index + 1).filter(
    (id) => world.api.control.record({ type: "contact", email: email(id) })?.deleted === true,
  );
}

// Each starts up to ten processes, side by side on a machine that may have two cores.
describe.concurrent("deletes: delete", { timeout: 120_000 }, () => {
  it("a record that no search shows yet is deleted by a later run", async () => {
    const world = await createPeople();
    await world.database.query(
      `insert into people (id, email, first_name) values (41, 'p41@${CONTENT}.example', '${CONTENT} 41')`,
    );
    // Its event ends, and whoever reads does not see it.
    world.api.control.addFault({ kind: "stale-reads", path: "batch-memorize", times: 1, delayMs: 3_600_000 });
    expect((await world.sync()).rows).toMatchObject({ landed: 1 });
    await world.database.query("delete from people where id = 41");
    const ran = await world.run("sync");
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toContain("1 record that was to be deleted is shown by no search (yet)");
    expect((await world.run("status")).out).toContain("shown by no search (yet)");

    expect(deletedPeople(world, 41)).toEqual([]);
    // Some time passes.
    const state = new DatabaseSync(join(world.folder, ".sync/state.db"));
    state.exec("update left_record set look_at = 0");
    state.close();
    expect((await world.sync()).rows).toMatchObject({ deleted: 1, unchanged: 40 });
    expect(deletedPeople(world, 41)).toEqual([41]);
  });

  it("a deleted row's record is deleted softly, and can be restored; a row that comes back is new", async () => {
    const world = await createPeople();
    await world.database.query("delete from people where id in (3, 7)");
    const plan = await world.ask("plan");
    expect(plan.document.syncs[0]?.["report"]).toMatchObject({ deletes: 2, rows: { unchanged: 38 } });
    const ran = await world.run("sync");
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).toContain("2 records were deleted, since their rows are gone at the source");
    expect(deletedPeople(world)).toEqual([3, 7]);
    expect((await world.sync()).rows).toMatchObject({ deleted: 0, unchanged: 38 });

    const recordId = world.api.control.record({ type: "contact", email: email(3) })?.recordId ?? "";
    const personize = new Personize({ secretKey: KEY, baseURL: world.api.url });
    expect((await personize.memory.cancelDeletion({ recordId, type: "contact" })).success).toBe(true);
    expect(deletedPeople(world)).toEqual([7]);
    expect(world.api.control.record({ type: "contact", email: email(3) })?.values["first_name"]).toBe(`${CONTENT} 3`);

    await world.database.query(
      `insert into people (id, email, first_name) values (7, 'p7@${CONTENT}.example', '${CONTENT} again')`,
    );
    expect((await world.sync()).rows).toMatchObject({ landed: 1, deleted: 0 });
    expect(deletedPeople(world)).toEqual([]);
    expect(world.api.control.record({ type: "contact", email: email(7) })?.values["first_name"]).toBe(
      `${CONTENT} again`,
    );
  });

  it("with a cursor, a full run deletes, and others infer nothing", async () => {
    const world = await createPeople({ source: { table: "people", cursor: "updated_at" } });
    await world.database.query("delete from people where id = 5");
    expect((await world.sync()).rows.deleted).toBe(0);
    expect((await world.sync("--full")).rows.deleted).toBe(1);
    expect(deletedPeople(world)).toEqual([5]);
  });

  it.each([
    ["in full", { table: "people" }],
    ["by a cursor", { table: "people", cursor: "updated_at" }],
  ])("a truncated table, whole or in part, read %s, deletes nothing and says so", async (_, source) => {
    const world = await createPeople({ source });
    await world.database.query("truncate people");
    const empty = await world.run("sync", "--full");
    expect(empty.code).toBe(2);
    expect(empty.err).toContain("has shown no row at all, and 40 have landed. Nothing was deleted");
    expect((await world.run("sync", "--full", "--allow-deletes", "1000")).code).toBe(2);

    await world.database.query(
      `insert into people select n, 'p' || n || '@${CONTENT}.example', '${CONTENT} ' || n, '${CONTENT} note ' || n || '.'
         from generate_series(1, 5) n`,
    );
    const part = await world.run("sync", "--full");
    expect(part.code).toBe(2);
    expect(part.err).toContain("35 records of 40 landed rows would be deleted");
    expect(part.err).toContain("sync --only people --allow-deletes 35");
    expect(deletedPeople(world)).toEqual([]);
    const status = await world.run("status");
    expect(status.out).toContain("Deletes are on: a run may delete 5 % of the landed rows, 20 at least.");
    expect(status.out).toContain("its records are not deleted yet");
    expect(status.out).toContain("35 records of 40 landed rows would be deleted");

    expect((await world.sync("--allow-deletes", "34")).exitCode).toBe(2);
    expect(deletedPeople(world)).toEqual([]);
    expect((await world.sync("--allow-deletes", "35")).rows.deleted).toBe(35);
    expect(deletedPeople(world)).toHaveLength(35);
  });

  it("rows that row security hides are not taken for deleted", async () => {
    const world = await createPeople();
    const reader = `reader_${world.database.url.split("/").at(-1) ?? ""}`;
    await world.database.query(
      `create role ${reader} login password 'reader-secret'; grant select on people to ${reader};
       alter table people enable row level security;
       create policy some_only on people to ${reader} using (id > 3)`,
    );
    const url = new URL(world.database.url);
    url.username = reader;
    url.password = "reader-secret";
    await world.configure({ syncs: { people: peopleSync({ url: url.href }) } });
    for (const words of [[], ["--full"], ["--allow-deletes", "40"]]) {
      const ran = await world.run("sync", ...words);
      expect(ran.code).toBe(0);
      expect((await world.summary())?.landedRows).toBe(40);
    }
    expect(deletedPeople(world)).toEqual([]);
    const check = await world.run("check");
    expect(check.out).toContain("row security hides rows of public.people");
  });

  it("a changed query deletes nothing without being told", async () => {
    const query = (where: string) => ({ query: `select * from people where ${where}`, key: "id" });
    const world = await createPeople({ source: query("true") });
    await world.configure({ syncs: { people: peopleSync({ source: query("id > 2") }) } });
    for (let run = 0; run < 2; run += 1) {
      const ran = await world.run("sync", "--full");
      expect(ran.code).toBe(2);
      expect(ran.err).toContain("The source options have changed since rows landed, and 2 of 40 landed rows");
    }
    expect(deletedPeople(world)).toEqual([]);
    expect((await world.sync("--allow-deletes", "2")).rows.deleted).toBe(2);
    expect(deletedPeople(world)).toEqual([1, 2]);
  });

  it("a run that is killed in the middle infers nothing; the next ones finish the enumeration", async () => {
    const world = await createPeople({ source: { table: "people", pageRows: 5 } });
    await world.database.query(
      "delete from people where id in (2, 33); update people set first_name = first_name || '.'",
    );
    world.api.control.setKnobs({ landingDelayMs: { minMs: 300, maxMs: 400 } });
    for (let kill = 0; kill < 3; kill += 1) {
      const running = world.start(["sync", "--json"]);
      await new Promise((resolve) => setTimeout(resolve, 500 + 150 * kill));
      running.child.kill("SIGKILL");
      await running.ended;
      expect(deletedPeople(world).every((id) => id === 2 || id === 33)).toBe(true);
    }
    await world.sync();
    await world.sync();
    expect(deletedPeople(world)).toEqual([2, 33]);
    expect((await world.summary())?.landedRows).toBe(38);
  });

  it("rows that change while they are being read, or are not committed yet, stay", async () => {
    const world = await createPeople({ source: { table: "people", cursor: "updated_at", pageRows: 5 } });
    const late = await world.database.connect();
    // Above the horizon for as long as the transaction is open: the full run cannot show these rows.
    await late.query("begin; update people set first_name = 'late', updated_at = now() where id in (1, 2)");
    await world.database.query("update people set first_name = 'now', updated_at = now() where id in (39, 40)");
    await world.database.query("delete from people where id = 20");
    expect((await world.sync("--full")).rows.deleted).toBe(1);
    await late.query("commit");
    expect((await world.sync()).rows).toMatchObject({ deleted: 0 });
    expect(deletedPeople(world)).toEqual([20]);
    expect(world.api.control.record({ type: "contact", email: email(1) })?.values["first_name"]).toBe("late");
  });

  it("a record is spared as long as another row maps to it", async () => {
    const world = await createPeople();
    await world.database.query(
      `insert into people (id, email, first_name) values (41, 'P1@${CONTENT}.example', '${CONTENT} twin');
       delete from people where id = 1`,
    );
    expect((await world.sync()).rows).toMatchObject({ landed: 1, deleted: 0 });
    expect(deletedPeople(world)).toEqual([]);
    await world.database.query("delete from people where id = 41");
    expect((await world.sync()).rows.deleted).toBe(1);
    expect(deletedPeople(world)).toEqual([1]);
  });

  it("a row that becomes another record leaves none behind", async () => {
    const world = await createPeople({ source: { table: "people", cursor: "updated_at" } });
    await world.database.query(`update people set email = 'p99@${CONTENT}.example', updated_at = now() where id = 9`);
    expect((await world.sync()).rows).toMatchObject({ landed: 1, deleted: 1 });
    expect(deletedPeople(world, 99)).toEqual([9]);
    expect(world.api.control.record({ type: "contact", email: email(99) })?.memories).toHaveLength(1);
  });

  it("deletes: ignore touches nothing", async () => {
    const world = await createPeople({ deletes: "ignore" });
    await world.database.query("delete from people where id < 5");
    const ran = await world.run("sync", "--full", "--allow-deletes", "100");
    expect(ran.code).toBe(0);
    expect(deletedPeople(world)).toEqual([]);
    expect((await world.run("status")).out).not.toContain("Deletes are on");
  });

  it("what other syncs and other people wrote stays", async () => {
    const world = await createPeople();
    await world.database.query(
      "create table partners as select * from people where id in (1, 2); alter table partners add primary key (id)",
    );
    const partners = peopleSync({ source: { table: "partners" } });
    await world.configure({ syncs: { people: peopleSync(), partners } });
    expect((await world.ask("sync")).code).toBe(0);
    const stranger = `stranger@${CONTENT}.example`;
    await world.run("memorize", "--content", `${CONTENT} by hand.`, "--entity-type", "contact", "--email", stranger);
    await world.database.query("delete from people where id in (1, 30)");
    const { document } = await world.ask("sync");
    expect(document.syncs.map(({ sync, receipt }) => [sync, receipt?.rows.deleted])).toEqual([
      ["people", 1],
      ["partners", 0],
    ]);
    expect(deletedPeople(world)).toEqual([30]);
    world.api.control.settleAll();
    expect(world.api.control.record({ type: "contact", email: stranger })?.deleted).toBe(false);
  });
});
