import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CONTENT, useWorlds, type World } from "../support/world.ts";

const worlds = useWorlds();

async function createShop(): Promise<World> {
  const world = await worlds.create();
  await world.database.query(
    `create table customers (
       id bigint primary key, email text, first_name text, surname text, city text, notes text, favourite_tea text,
       is_active boolean, password_hash text, picture bytea,
       created_at timestamptz not null default now(), updated_at timestamptz not null default now());
     create index on customers (updated_at, id);
     create table order_lines (order_id bigint, line int, name text, primary key (order_id, line));
     insert into customers (id, email, first_name, surname, city, notes)
     select n, 'c' || n || '@shop.example', '${CONTENT} first ' || n, '${CONTENT} last ' || n, '${CONTENT} city',
       '${CONTENT} note ' || n || '.' from generate_series(1, 30) n`,
  );
  return world;
}

const written = (world: World): Promise<string> => readFile(join(world.folder, "sync.config.yaml"), "utf8");

describe.concurrent("init, as a user types it", () => {
  it("writes a configuration that passes check and syncs as it is", async () => {
    const world = await createShop();
    const init = await world.run("init", "--stream", "public.customers");
    expect(init).toMatchObject({ code: 0, err: "" });
    expect(init.out).toContain("Read it, then run `connector-postgres check`");

    const text = await written(world);
    expect(text).toContain("url: ${DATABASE_URL}\n");
    expect(text).not.toContain(world.database.url);
    expect(text).toMatch(/^ +key: id # .+$/m);
    expect(text).toMatch(/^ +cursor: updated_at # .+$/m);
    expect(text).toMatch(/^ +email: email # .+$/m);
    expect(text).toMatch(
      /^ +last_name: \{ sourceField: surname, collectionName: Contacts Standard Schema \} # last_name is the usual word for it$/m,
    );
    expect(text).toMatch(
      /^ +notes: \{ sourceField: notes, collectionName: Generated Content, extractMemories: true \} # .*credits$/m,
    );
    expect(text).toMatch(/# - no property .*: favourite_tea$/m);
    expect(text).toMatch(/# - may be secret by their names: password_hash$/m);
    expect(text).toMatch(/# - cannot be read as JSON: picture$/m);

    const check = await world.run("check");
    expect(check).toMatchObject({ code: 0, err: "" });
    expect(check.out).not.toMatch(/[✗!]/);
    const sync = await world.run("sync");
    expect(sync).toMatchObject({ code: 0 });
    expect(world.api.control.counts().records).toBe(30);
    expect(world.api.control.record({ type: "contact", email: "c3@shop.example" })).toMatchObject({
      values: { first_name: `${CONTENT} first 3`, last_name: `${CONTENT} last 3`, city: `${CONTENT} city` },
      memories: [`${CONTENT} note 3.`],
    });
  });

  it("names the tables when it is not said which, and the ones that are nearly called so", async () => {
    const world = await createShop();
    const many = await world.run("init");
    expect(many.code).toBe(2);
    expect(many.err).toContain("--stream: public.customers, public.order_lines");
    const misspelt = await world.run("init", "--stream", "Customers");
    expect(misspelt.code).toBe(0);
    expect(await written(world)).toContain("table: Customers");
    const missing = await world.run("init", "--stream", "clients", "--output", "other.yaml");
    expect(missing.code).toBe(2);
    expect(missing.err).toContain("there is no table clients");
  });

  it("takes the only table that there is, and a query as it is told", async () => {
    const world = await createShop();
    await world.database.query("drop table order_lines");
    expect(await world.run("init")).toMatchObject({ code: 0 });
    expect(await written(world)).toContain("table: public.customers");
    const query = "query=select id, email, city from customers where is_active is null";
    expect(await world.run("init", "--force", "--set", query, "--set", "key=id")).toMatchObject({ code: 0 });
    expect(await written(world)).toMatch(/query: select id.*\n +key: id\n/);
    expect(await written(world)).not.toContain("table:");
    expect(await world.run("check")).toMatchObject({ code: 0 });
    expect(await world.sync()).toMatchObject({ rows: { landed: 30 } });
  });

  it("says why nothing can be proposed where no single column identifies a row", async () => {
    const world = await createShop();
    const init = await world.run("init", "--stream", "order_lines");
    expect(init.code).toBe(2);
    expect(init.err).toContain("nothing identifies a record");
  });

  it("fails on credentials that do not work, and leaves no file behind", async () => {
    const world = await createShop();
    const source = world.start(["init", "--stream", "customers"], {
      DATABASE_URL: world.database.url.replace(/:[^:@]+@/, ":wr0ng-secret@"),
    });
    expect(await source.ended).toMatchObject({ code: 3 });
    const key = world.start(["init", "--stream", "customers"], { PERSONIZE_SECRET_KEY: "sk_test_wr0ngwr0ng" });
    expect(await key.ended).toMatchObject({ code: 3 });
    await expect(written(world)).rejects.toThrow("ENOENT");
  });

  it("without any credentials writes a template that says what to fill in", async () => {
    const world = await createShop();
    const init = world.start(["init"], { DATABASE_URL: undefined, PERSONIZE_SECRET_KEY: undefined });
    const { code, out } = await init.ended;
    expect(code).toBe(0);
    expect(out).toContain("DATABASE_URL is not set");
    expect(out).toContain("PERSONIZE_SECRET_KEY is not set");
    expect(await written(world)).toMatch(/table: public\.customers # an example/);
    // The template happens to fit this table: with credentials it runs.
    expect(await world.run("check")).toMatchObject({ code: 0 });
  });

  it("never touches what is there already", async () => {
    const world = await createShop();
    const file = join(world.folder, "sync.config.yaml");
    await writeFile(file, "# mine\n");
    expect(await world.run("init", "--stream", "customers")).toMatchObject({ code: 2 });
    expect(await written(world)).toBe("# mine\n");
    expect(await world.run("init", "--stream", "customers", "--force")).toMatchObject({ code: 0 });
    expect(await written(world)).toContain("# Written by");
  });
});
