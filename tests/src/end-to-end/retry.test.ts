import { describe, expect, it } from "vitest";
import { contact, contactSync, CONTENT, useWorlds } from "../support/world.ts";

const worlds = useWorlds();

describe("retry", () => {
  it("sends parked rows as they are by now, also where no change would show them again", {
    timeout: 60_000,
  }, async () => {
    const world = await worlds.create();
    await world.database.query(
      `create table people (id int primary key, email text, first_name text, updated_at timestamptz not null default now());
       create index on people (updated_at, id);
       insert into people select n, case when n > 4 then 'p' || n || '@${CONTENT}.example' end, '${CONTENT} ' || n,
         timestamptz '2026-03-01 10:00+00' from generate_series(1, 10) n`,
    );
    await world.configure({ syncs: { people: contactSync("people", { first_name: contact("first_name") }) } });
    expect(await world.sync()).toMatchObject({ exitCode: 4, rows: { landed: 6, parked: 4 } });

    // Nobody touched updated_at: to a sync, nothing has changed.
    await world.database.query(
      `update people set email = 'p' || id || '@${CONTENT}.example' where id in (1, 2); delete from people where id = 3`,
    );
    expect((await world.sync()).rows.read).toBe(0);
    const before = await world.summary();

    const { code, document } = await world.ask("retry");
    expect(code).toBe(4);
    expect(document.syncs).toMatchObject([
      { sync: "people", parked: 4, gone: 1, receipt: { rows: { read: 3, landed: 2, parked: 1 } } },
    ]);
    expect(world.api.control.record({ type: "contact", email: `p1@${CONTENT}.example` })).toBeDefined();
    const after = await world.summary();
    expect(after).toMatchObject({ landedRows: 8, parkedRows: 1, cursor: before?.cursor ?? null });

    await world.database.query("delete from people where id = 4");
    const last = await world.run("retry");
    expect(last.code).toBe(0);
    expect(last.out).toContain("1 parked row no longer exists at the source, and is parked no longer");
    expect((await world.run("retry")).out).toContain("people: nothing is parked.");
  });
});
