import { describe, expect, it } from "vitest";
import { COMPANIES, type Config, contact, contactSync, KEY, TEXTS, useWorlds, type World } from "../support/world.ts";

const worlds = useWorlds();

const PEOPLE = `
  create table people (id int primary key, email text, first_name text, city text, notes text, active boolean default true,
    updated_at timestamptz not null default now());
  create index on people (updated_at, id);
  insert into people (id, email, first_name, city, notes, updated_at)
    select n, 'p' || n || '@people.example', 'name ' || n, 'city', 'Note ' || n || '.', '2026-03-01 10:00+00'
    from generate_series(1, 30) n;`;

const peopleSync = contactSync("people", {
  first_name: contact("first_name"),
  city: contact("city"),
  notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
});

async function createPeople(config: Config["syncs"][string] = peopleSync): Promise<World> {
  const world = await worlds.create();
  await world.database.query(PEOPLE);
  await world.configure({ syncs: { people: config } });
  return world;
}

function valuesOf(world: World, email: string): Readonly<Record<string, unknown>> {
  const record = world.api.control.record({ type: "contact", email });
  if (record === undefined) throw new Error(`there is no record of ${email}`);
  return record.values;
}

describe.concurrent("only what changed", () => {
  it("structured values alone: no text is extracted again", async () => {
    const world = await createPeople();
    await world.sync();
    const before = world.api.control.counts();
    await world.database.query("update people set city = 'Graz', updated_at = now() where id <= 4");
    const receipt = await world.sync();
    expect(receipt.rows).toMatchObject({ read: 4, sent: 4, landed: 4, unchanged: 0 });
    expect(receipt.aiCharacters).toBe(0);
    expect(world.api.control.counts().aiCharacters).toBe(before.aiCharacters);
    expect(valuesOf(world, "p4@people.example")["city"]).toBe("Graz");
  });

  it("a text alone: its characters, and no others, are extracted", async () => {
    const world = await createPeople();
    await world.sync();
    const before = world.api.control.counts();
    await world.database.query("update people set notes = 'Ünïcode.', updated_at = now() where id = 3");
    const receipt = await world.sync();
    expect(receipt.rows).toMatchObject({ read: 1, landed: 1 });
    expect(receipt.aiCharacters).toBe(8);
    expect(world.api.control.counts().aiCharacters - before.aiCharacters).toBe(8);
    expect(world.api.control.record({ type: "contact", email: "p3@people.example" })?.memories).toContain("Ünïcode.");
  });

  it("a touched row without a change costs nothing", async () => {
    const world = await createPeople();
    await world.sync();
    await world.database.query("update people set updated_at = now(), active = false");
    expect((await world.sync()).rows).toMatchObject({ read: 30, unchanged: 30, sent: 0 });
    expect(world.api.control.counts().rowsReceived).toBe(30);
  });

  it("plan says beforehand what sync then does", async () => {
    const world = await createPeople();
    await world.sync("--limit", "10");
    await world.database.query(
      `update people set city = 'Linz', updated_at = now() where id in (1, 2);
       insert into people (id, email, notes) values (99, 'new@people.example', 'Twelve chars')`,
    );
    const { document } = await world.ask("plan");
    const receipt = await world.sync();
    const { read, unchanged } = receipt.rows;
    expect(document.syncs[0]).toMatchObject({
      report: { rows: { read, unchanged, adds: 21, changes: 2 }, aiCharacters: receipt.aiCharacters },
    });
    expect(receipt.rows.sent).toBe(23);
  });

  it("many rows with one and the same stamp, over page borders and runs", async () => {
    const world = await worlds.create();
    await world.database.query(
      `create table people (id int primary key, email text, city text, updated_at timestamptz not null);
       insert into people select n, 'p' || n || '@people.example', 'old', '2026-03-01 10:00+00' from generate_series(1, 500) n`,
    );
    await world.configure({
      syncs: { people: contactSync("people", { city: contact("city") }, { source: { pageRows: 7 } }) },
    });
    expect((await world.sync("--limit", "123")).rows.read).toBe(123);
    expect((await world.sync()).rows.landed).toBe(500 - 123);
    await world.database.query("update people set city = 'new', updated_at = now()");
    expect((await world.sync()).rows).toMatchObject({ landed: 500 });
    expect(world.api.control.records().every((record) => record.values["city"] === "new")).toBe(true);
    expect(world.api.control.counts()).toMatchObject({ records: 500, rowsReceived: 1000 });
  });

  it("a transaction that commits late, with a stamp from before the last run", async () => {
    const world = await createPeople();
    const late = await world.database.connect();
    await late.query("begin");
    await late.query("update people set city = 'late', updated_at = now() where id = 5");
    await world.database.query("update people set city = 'early', updated_at = now() where id = 6");
    await world.sync();
    await late.query("commit");
    await world.sync();
    expect(valuesOf(world, "p5@people.example")["city"]).toBe("late");
    expect(valuesOf(world, "p6@people.example")["city"]).toBe("early");
  });

  it("a table without a cursor is compared in full", async () => {
    const world = await worlds.create();
    await world.database.query(
      `create table people (id int primary key, email text, city text);
       insert into people select n, 'p' || n || '@people.example', 'old' from generate_series(1, 50) n`,
    );
    await world.configure({
      syncs: {
        people: {
          connector: "postgres",
          source: { url: "${DATABASE_URL}", table: "people" },
          mapping: { entityType: "contact", email: "email", properties: { city: contact("city") } },
        },
      },
    });
    expect((await world.sync()).rows.landed).toBe(50);
    await world.database.query(
      "update people set city = 'new' where id = 17; insert into people values (51, 'p51@people.example', 'x')",
    );
    expect((await world.sync()).rows).toMatchObject({ read: 51, unchanged: 49, landed: 2 });
    expect(valuesOf(world, "p17@people.example")["city"]).toBe("new");
  });

  it("a composite key with awkward values", async () => {
    const world = await worlds.create();
    await world.database.query(
      `create table people (region text, no bigint, email text, city text, updated_at timestamptz not null, primary key (region, no));
       insert into people select r, n, 'p' || n || '-' || md5(r) || '@people.example', 'old', '2026-03-01'
         from unnest(array['a', 'A', 'ä', 'a,b', 'a"b', '', ' ']) r, generate_series(9007199254740990, 9007199254740999) n`,
    );
    await world.configure({
      syncs: { people: contactSync("people", { city: contact("city") }, { source: { pageRows: 3 } }) },
    });
    expect((await world.sync()).rows).toMatchObject({ read: 70, landed: 70 });
    await world.database.query(
      "update people set city = 'new', updated_at = now() where region = 'ä' and no = 9007199254740993",
    );
    expect((await world.sync()).rows).toMatchObject({ landed: 1 });
    expect(world.api.control.records().filter((record) => record.values["city"] === "new")).toHaveLength(1);
  });

  it("a query instead of a table", async () => {
    const world = await createPeople({
      connector: "postgres",
      source: {
        url: "${DATABASE_URL}",
        query:
          "select p.id, lower(p.email) as email, p.first_name || ' of ' || p.city as label, p.updated_at from people p where p.active",
        key: "id",
        cursor: "updated_at",
      },
      mapping: { entityType: "contact", email: "email", properties: { first_name: contact("label") } },
    });
    await world.database.query("update people set active = false where id = 1");
    expect((await world.sync()).rows).toMatchObject({ read: 29, landed: 29 });
    expect(valuesOf(world, "p2@people.example")["first_name"]).toBe("name 2 of city");
    await world.database.query("update people set city = 'Graz', updated_at = now() where id = 2");
    expect((await world.sync()).rows).toMatchObject({ landed: 1 });
  });

  it("where leaves rows out, transforms change values", async () => {
    const world = await createPeople(
      contactSync(
        "people",
        {
          first_name: contact("first_name", { transform: "uppercase" }),
          city: contact("city", { transform: "trim" }),
          signed_up_at: contact("updated_at", { transform: "date" }),
        },
        {
          mapping: {
            where: [
              { field: "active", equals: true },
              { field: "city", isSet: true },
            ],
          },
        },
      ),
    );
    await world.database.query(
      "update people set active = false where id <= 3; update people set city = null where id = 4; update people set city = '  Bad Ischl ' where id = 5",
    );
    expect((await world.sync()).rows).toMatchObject({ read: 30, filtered: 4, landed: 26 });
    expect(valuesOf(world, "p5@people.example")).toMatchObject({
      first_name: "NAME 5",
      city: "Bad Ischl",
      signed_up_at: "2026-03-01",
    });
    await world.database.query("update people set active = true, updated_at = now() where id = 3");
    expect((await world.sync()).rows).toMatchObject({ landed: 1, filtered: 0 });
  });

  it("a mapping that gains a property sends it for every row on --full, and extracts no text again", async () => {
    const world = await createPeople();
    await world.sync();
    const before = world.api.control.counts();
    await world.configure({
      syncs: {
        people: contactSync("people", {
          first_name: contact("first_name"),
          city: contact("city"),
          title: contact("first_name"),
          notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
        }),
      },
    });
    expect((await world.sync("--full")).rows).toMatchObject({ landed: 30 });
    expect(valuesOf(world, "p9@people.example")["title"]).toBe("name 9");
    expect(world.api.control.counts().aiCharacters).toBe(before.aiCharacters);
  });
});

describe.concurrent("identities", () => {
  it("an identifier of one's own", async () => {
    const world = await worlds.create();
    await world.database.query(
      `create table products (sku text primary key, name text, price numeric(10,2), updated_at timestamptz default now());
       insert into products values ('A-1', 'Chair', 49.90), ('B-2', 'Table', 120), (' c-3 ', 'Lamp', null)`,
    );
    await world.configure({
      syncs: {
        products: {
          connector: "postgres",
          source: { url: "${DATABASE_URL}", table: "products", cursor: "updated_at" },
          mapping: {
            entityType: "product",
            customKeyName: "sku",
            customKey: "sku",
            properties: {
              name: { sourceField: "name", collectionName: "Products" },
              amount: { sourceField: "price", collectionName: "Products" },
            },
          },
        },
      },
    });
    expect((await world.sync()).rows).toMatchObject({ landed: 3 });
    const { control } = world.api;
    expect(control.record({ type: "product", customKeyName: "sku", customKeyValue: "A-1" })?.values).toMatchObject({
      name: "Chair",
      amount: "49.90",
    });
    expect(await world.run("verify", "--all")).toMatchObject({ code: 0 });
  });

  it("web sites: spellings of one domain are one record", async () => {
    const world = await worlds.create();
    await world.database.query(
      `create table firms (id int primary key, site text, name text, updated_at timestamptz default now());
       insert into firms values (1, 'https://www.Acme.example/about', 'Old'), (2, 'acme.example', 'New'), (3, 'http://other.example', 'Other'), (4, '', 'None')`,
    );
    await world.configure({
      syncs: {
        firms: {
          connector: "postgres",
          source: { url: "${DATABASE_URL}", table: "firms", cursor: "updated_at" },
          mapping: {
            entityType: "company",
            website: "site",
            properties: { name: { sourceField: "name", collectionName: COMPANIES } },
          },
        },
      },
    });
    const receipt = await world.sync();
    expect(receipt.rows).toMatchObject({ read: 4, superseded: 1, landed: 2, parked: 1 });
    expect(receipt.exitCode).toBe(4);
    const { control } = world.api;
    expect(control.counts().records).toBe(2);
    expect(control.record({ type: "company", websiteUrl: "acme.example" })?.values["name"]).toBe("New");
  });

  it("a row without identity is parked and named; fixed at the source it lands, and is parked no longer", async () => {
    const world = await createPeople();
    await world.database.query(
      "update people set email = ' ' where id = 12; update people set email = null where id = 13",
    );
    const first = await world.sync();
    expect(first).toMatchObject({ exitCode: 4, rows: { landed: 28, parked: 2 } });
    const status = await world.run("status");
    expect(status.out).toMatch(/2 parked rows/);
    expect(status.out).toMatch(/12 +\S+Z +.*(blank|empty)/);

    await world.database.query("update people set email = 'fixed@people.example', updated_at = now() where id = 13");
    const second = await world.sync();
    expect(second.rows).toMatchObject({ landed: 1 });
    expect(valuesOf(world, "fixed@people.example")["first_name"]).toBe("name 13");
    const after = await world.run("status");
    expect(after.out).toMatch(/1 parked row\b/);
    expect(after.out).not.toMatch(/^ *13 +\S+Z/m);
  });

  it("two syncs in one file keep apart, --only chooses", async () => {
    const world = await createPeople();
    await world.configure({
      syncs: { people: peopleSync, again: contactSync("people", { title: contact("first_name") }) },
    });
    expect((await world.ask("sync", "--only", "again")).document.syncs).toHaveLength(1);
    expect(valuesOf(world, "p1@people.example")).toEqual({ title: "name 1" });
    const { document } = await world.ask("sync");
    expect(document.syncs.map(({ sync, receipt }) => [sync, receipt?.rows.landed])).toEqual([
      ["people", 30],
      ["again", 0],
    ]);
    const unknown = await world.run("sync", "--only", "agian");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain("again");
  });

  it("a key of another organisation sees nothing of this one", async () => {
    const world = await worlds.create({
      organizations: [
        { id: "org_a", keys: [KEY], plan: "unlimited" },
        { id: "org_b", keys: ["sk_test_an0therone"], plan: "unlimited" },
      ],
    });
    await world.database.query(PEOPLE);
    await world.configure({ syncs: { people: peopleSync } });
    await world.sync();
    expect(world.api.control.records({ organizationId: "org_b" })).toHaveLength(0);
    expect(world.api.control.records({ organizationId: "org_a" })).toHaveLength(30);
  });
});
