import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contact, contactSync, CONTENT, KEY, readDocument, TEXTS, useWorlds, type World } from "../support/world.ts";

const worlds = useWorlds();

/** 40 people; number 7 has no email address, and so cannot be delivered. */
async function createPeople(): Promise<World> {
  const world = await worlds.create();
  await world.database.query(
    `create table people (id int primary key, email text, first_name text, city text, notes text,
       updated_at timestamptz not null default now());
     create index on people (updated_at, id);
     insert into people select n, case when n <> 7 then 'p' || n || '@${CONTENT}.example' end, '${CONTENT} name ' || n,
       '${CONTENT} city ' || n % 5, '${CONTENT} note ' || n || '. Second sentence.',
       timestamptz '2026-03-01 10:00+00' + (n / 10) * interval '1 hour'
     from generate_series(1, 40) n`,
  );
  await world.configure({
    syncs: {
      people: contactSync("public.people", {
        first_name: contact("first_name"),
        city: contact("city"),
        notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
      }),
    },
  });
  return world;
}

describe.concurrent("the main flow, as a user types it", () => {
  it("from check to verify, in words", async () => {
    const world = await createPeople();
    const { control } = world.api;

    const check = await world.run("check");
    expect(check).toMatchObject({ code: 0, err: "" });
    expect(check.out).toContain("✓ The mapping fits");
    expect(check.out).not.toContain("✗");

    const discover = await world.run("discover");
    expect(discover).toMatchObject({ code: 0, err: "" });
    expect(discover.out).toMatch(/email +text +text/);
    expect(discover.out).toMatch(/updated_at +datetime +timestamp with time zone +cursor, never null/);
    expect(discover.out).toContain("Generated Content");

    const plan = await world.run("plan");
    expect(plan).toMatchObject({ code: 0, err: "" });
    expect(plan.out).toMatch(/people +39 +0 +0 +1/);
    expect(plan.out).toContain("Nothing was sent.");

    const dryRun = await world.run("sync", "--dry-run");
    expect(dryRun).toMatchObject({ code: 0, err: "" });
    expect(dryRun.out).toContain(`${CONTENT} name 1`);
    expect(world.writes()).toBe(0);
    expect((await world.summary())?.cursor ?? null).toBeNull();

    const sync = await world.run("sync");
    expect(sync.code).toBe(4);
    expect(sync.out).toMatch(/people +done, with parked rows +40 +0 +39 +39 +1/);
    expect(control.counts()).toMatchObject({ records: 39, rowsReceived: 39 });
    expect(control.record({ type: "contact", email: `p3@${CONTENT}.example` })).toMatchObject({
      values: { first_name: `${CONTENT} name 3`, city: `${CONTENT} city 3` },
      memories: [`${CONTENT} note 3.`, "Second sentence."],
    });

    const status = await world.run("status");
    expect(status).toMatchObject({ code: 0, err: "" });
    expect(status.out).toContain("39 rows landed");
    expect(status.out).toMatch(/7 +\S+Z +email comes from "email", which is empty in this row \(NO_IDENTITY\)/);
    expect(status.out).toMatch(/Quota in \d{4}-\d\d: [\d,]+ units/);

    const verify = await world.run("verify", "--all");
    expect(verify).toMatchObject({ code: 0, err: "" });
    expect(verify.out).toContain("✓ 39 rows read back, all as sent.");

    const again = await world.run("sync");
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).toContain("nothing had changed");
    expect(control.counts().rowsReceived).toBe(39);

    const memorize = await world.run(
      "memorize",
      "--content",
      `Likes ${CONTENT} tea.`,
      "--entity-type",
      "contact",
      "--email",
      `p3@${CONTENT}.example`,
    );
    expect(memorize).toMatchObject({ code: 0, err: "" });
    control.settleAll();
    expect(control.record({ type: "contact", email: `p3@${CONTENT}.example` })?.memories).toContain(
      `Likes ${CONTENT} tea.`,
    );
  });

  it("verify names what differs, --repair brings it back", async () => {
    const world = await createPeople();
    await world.run("sync");
    // Somebody else writes a record, and another one is deleted.
    const someone = async (path: string, body: object): Promise<void> => {
      const answer = await fetch(`${world.api.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBeLessThan(300);
    };
    const row = { email: `p5@${CONTENT}.example`, city: "elsewhere" };
    await someone("/api/v1/batch-memorize", {
      source: "someone",
      mapping: {
        entityType: "contact",
        email: "email",
        properties: { city: { sourceField: "city", collectionName: "Contacts Standard Schema" } },
      },
      rows: [row],
    });
    world.api.control.settleAll();
    expect(world.api.control.record({ type: "contact", email: row.email })?.values["city"]).toBe("elsewhere");

    const verify = await world.run("verify", "--all");
    expect(verify.code).toBe(4);
    expect(verify.out).toMatch(/Stored differently:\s+5 \(city\)/);
    expect(verify.out).toContain("verify --repair");

    const repair = await world.run("verify", "--all", "--repair");
    expect(repair.code).toBe(0);
    expect(world.api.control.record({ type: "contact", email: row.email })?.values["city"]).toBe(`${CONTENT} city 0`);
    expect(await world.run("verify", "--all")).toMatchObject({ code: 0 });
  });

  it("state show, export and reset", async () => {
    const world = await createPeople();
    expect((await world.run("state", "show")).out).toContain("nothing is stored");
    await world.run("sync");

    const show = await world.run("state", "show");
    expect(show).toMatchObject({ code: 0, err: "" });
    expect(show.out).toContain('"landedRows": 39');

    const exported = await world.run("state", "export", "--output", "export.jsonl");
    expect(exported).toMatchObject({ code: 0, err: "" });
    const file = join(world.folder, "export.jsonl");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, "utf8");
    expect(text).not.toContain(CONTENT);
    expect(text.match(/"digest"/g)).toHaveLength(39);

    const unasked = await world.run("state", "reset");
    expect(unasked.code).toBe(2);
    expect(unasked.err).toContain("--yes");
    expect((await world.summary())?.landedRows).toBe(39);

    expect(await world.run("state", "reset", "--yes")).toMatchObject({ code: 0, err: "" });
    expect(await world.summary()).toMatchObject({ cursor: null, landedRows: 0, parkedRows: 0 });

    const receipt = await world.sync();
    expect(receipt.rows).toMatchObject({ read: 40, landed: 39, parked: 1 });
    expect(receipt.previousReceipt).toMatch(/^[0-9a-f]{64}$/);
    expect(world.api.control.counts().records).toBe(39);
  });

  it("--limit stops early, and the next run goes on where it stopped", async () => {
    const world = await createPeople();
    const first = await world.sync("--limit", "15");
    expect(first.rows.sent).toBe(15);
    const second = await world.sync();
    expect(second.rows.landed + first.rows.landed).toBe(39);
    expect(world.api.control.counts()).toMatchObject({ records: 39, rowsReceived: 39 });
  });

  it("--json prints one document on stdout and nothing else, whatever the command", async () => {
    const world = await createPeople();
    const commands = [
      ["check"],
      ["discover"],
      ["plan"],
      ["sync", "--dry-run"],
      ["sync"],
      ["status"],
      ["verify"],
      ["state", "show"],
      ["state", "export", "--output", "state.jsonl"],
      ["state", "import", "state.jsonl"],
      ["state", "import", "state.jsonl", "--replace"],
      ["state", "forget", "1"],
      ["memorize", "--content", "Likes tea.", "--entity-type", "contact", "--email", "a@tests.example"],
      ["state", "reset", "--yes"],
      ["state", "reset"],
      ["--help"],
      ["--version"],
      ["snyc"],
      ["sync", "--limt", "3"],
      ["sync", "--config", "elsewhere.yaml"],
    ];
    for (const words of commands) {
      const { out, err, code } = await world.run(...words, "--json");
      expect(err, words.join(" ")).toBe("");
      const document = readDocument(out);
      expect(document.exitCode, words.join(" ")).toBe(code);
      expect(document.syncs, words.join(" ")).toBeInstanceOf(Array);
      if (code !== 0 && code !== 4) expect(document.error, words.join(" ")).toMatchObject({ hint: expect.any(String) });
    }
  });

  it("--quiet says nothing when all is well, and still says what is not", async () => {
    const world = await createPeople();
    await world.database.query("delete from people where email is null");
    expect(await world.run("sync", "--quiet")).toMatchObject({ code: 0, out: "", err: "" });
    await world.database.query("alter table people drop column city");
    const broken = await world.run("sync", "--quiet");
    expect(broken.code).toBe(2);
    expect(broken.err).toContain('no field "city"');
  });

  it("state and lock files are this user's only", async () => {
    const world = await createPeople();
    await world.run("sync");
    expect((await stat(join(world.folder, ".sync/state.db"))).mode & 0o077).toBe(0);
  });

  it("a .env file beside the configuration is read; the environment goes before it", async () => {
    const world = await createPeople();
    await writeFile(join(world.folder, ".env"), "PERSONIZE_SECRET_KEY=sk_test_fr0mthefile\nOTHER=1\n");
    expect(await world.run("check")).toMatchObject({ code: 0 });
    const fromFile = await world.start(["check"], { PERSONIZE_SECRET_KEY: undefined }).ended;
    expect(fromFile.code).toBe(3);
    expect(fromFile.out + fromFile.err).not.toContain("fr0mthefile");
  });
});
