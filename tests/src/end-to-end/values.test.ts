import { describe, expect, it } from "vitest";
import { contact, contactSync, KEY, useWorlds } from "../support/world.ts";

const worlds = useWorlds();

/** SQL literal → what the destination must hold, as the connector's documentation states the form. */
const VALUES: readonly (readonly [type: string, literal: string, expected: unknown])[] = [
  ["numeric", "123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"],
  ["numeric(10,4)", "1.5", "1.5000"],
  ["numeric", "NaN", "NaN"],
  ["numeric", "-Infinity", "-Infinity"],
  ["numeric", "0.10", "0.10"],
  ["bigint", "9007199254740993", "9007199254740993"],
  ["bigint", "-9223372036854775808", "-9223372036854775808"],
  ["integer", "2147483647", 2147483647],
  ["smallint", "-32768", -32768],
  ["real", "0.1", 0.1],
  ["double precision", "0.30000000000000004", 0.30000000000000004],
  ["double precision", "1e308", 1e308],
  ["double precision", "NaN", "NaN"],
  ["double precision", "Infinity", "Infinity"],
  ["boolean", "t", true],
  ["boolean", "f", false],
  ["timestamptz", "2026-05-04 03:02:01.123456+05:30", "2026-05-03T21:32:01.123456Z"],
  ["timestamptz", "2026-05-04 03:02:01+00", "2026-05-04T03:02:01Z"],
  ["timestamptz", "infinity", "infinity"],
  ["timestamptz", "-infinity", "-infinity"],
  ["timestamptz", "0044-03-15 12:00:00+00 BC", "-000043-03-15T12:00:00Z"],
  ["timestamptz", "20026-01-02 03:04:05.6+00", "+020026-01-02T03:04:05.6Z"],
  ["timestamp", "2026-10-25 02:30:00.000001", "2026-10-25T02:30:00.000001"],
  ["date", "2026-02-28", "2026-02-28"],
  ["date", "0001-01-01 BC", "0000-01-01"],
  ["date", "infinity", "infinity"],
  ["time", "23:59:59.999999", "23:59:59.999999"],
  ["interval", "1 year 2 months 3 days 04:05:06", "P1Y2M3DT4H5M6S"],
  ["uuid", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "6f9619ff-8b86-d011-b42d-00c04fc964ff"],
  ["jsonb", '{"b": [1, null, {"c": "ü"}], "a": 1.5}', { a: 1.5, b: [1, null, { c: "ü" }] }],
  ["jsonb", '{"id": 9007199254740993}', { id: "9007199254740993" }],
  ["json", '"just a text"', "just a text"],
  ["text[]", '{a,"b,c",NULL,"d\\"e"}', ["a", "b,c", null, 'd"e']],
  ["bigint[]", "{9007199254740993,1}", ["9007199254740993", "1"]],
  [
    "integer[]",
    "{{1,2},{3,4}}",
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ["text", "Zoë 👩‍👩‍👧 さくら \u202Eنص\u202C \t tab\n\r\nline", "Zoë 👩‍👩‍👧 さくら \u202Eنص\u202C \t tab\n\r\nline"],
  ["text", "e\u0301 is not é", "e\u0301 is not é"],
  ["text", " \u00A0 ", " \u00A0 "],
  ["text", "null", "null"],
  ["varchar(5)", "abc", "abc"],
  ["char(5)", "abc", "abc  "],
  ["inet", "192.168.0.1/24", "192.168.0.1/24"],
  ["money", "12.50", "$12.50"],
  ["int4range", "[1,5)", "[1,5)"],
];

describe("values", () => {
  it("arrive without loss, each in the form that the connector's documentation states", async () => {
    const names = VALUES.map((_, index) => `v${index}`);
    const properties = names.map((name) => ({ propertyName: name, systemName: name, type: "text" as const }));
    const world = await worlds.create({
      organizations: [
        {
          id: "org_values",
          keys: [KEY],
          plan: "unlimited",
          collections: [{ collectionName: "All Kinds", entityType: "contact", properties }],
        },
      ],
    });
    await world.database.query(
      `create table values_of_all_kinds (id int primary key, email text, updated_at timestamptz not null default now(),
         ${VALUES.map(([type], index) => `v${index} ${type}`).join(", ")})`,
    );
    await world.database.query(
      `insert into values_of_all_kinds (id, email, ${names.join(", ")})
       values (1, 'all@values.example', ${VALUES.map(([type], index) => `$${index + 1}::text::${type}`).join(", ")}),
              (2, 'none@values.example', ${names.map(() => "null").join(", ")})`,
      VALUES.map(([, literal]) => literal),
    );
    await world.configure({
      syncs: {
        values: contactSync(
          "values_of_all_kinds",
          Object.fromEntries(names.map((name) => [name, { sourceField: name, collectionName: "All Kinds" }])),
        ),
      },
    });
    const receipt = await world.sync();
    expect(receipt.rows).toMatchObject({ read: 2, landed: 2, parked: 0 });
    const stored = world.api.control.record({ type: "contact", email: "all@values.example" })?.values ?? {};
    for (const [index, [type, literal, expected]] of VALUES.entries())
      expect(stored[`v${index}`], `${type} '${literal}'`).toEqual(expected);
    const empty = world.api.control.record({ type: "contact", email: "none@values.example" })?.values ?? {};
    for (const name of names) expect(empty[name] ?? null, name).toBeNull();

    // Read back and compared by the product itself, they are the same too; and they are not sent again.
    expect(await world.run("verify", "--all")).toMatchObject({ code: 0 });
    expect((await world.sync("--full")).rows).toMatchObject({ unchanged: 2, sent: 0 });
  });

  it("a null that was a value clears it, and an emptied text is an empty text", async () => {
    const world = await worlds.create();
    await world.database.query(
      `create table people (id int primary key, email text, city text, title text, updated_at timestamptz default now());
       insert into people values (1, 'a@b.example', 'Wien', 'Dr.')`,
    );
    await world.configure({
      syncs: { people: contactSync("people", { city: contact("city"), title: contact("title") }) },
    });
    await world.sync();
    await world.database.query("update people set city = null, title = '', updated_at = now()");
    expect((await world.sync()).rows.landed).toBe(1);
    const values = world.api.control.record({ type: "contact", email: "a@b.example" })?.values ?? {};
    expect(values["city"] ?? null).toBeNull();
    expect(values["title"]).toBe("");
    expect(await world.run("verify", "--all")).toMatchObject({ code: 0 });
  });

  it("a table called in capitals and spaces, with columns of such names", async () => {
    const world = await worlds.create();
    await world.database.query(
      `create schema "My Schema";
       create table "My Schema"."Kunden.Stamm" ("Nr" int primary key, "E-Mail" text, "Ort ""alt""" text, "Geändert am" timestamptz);
       insert into "My Schema"."Kunden.Stamm" values (1, 'a@b.example', 'Graz', now())`,
    );
    await world.configure({
      syncs: {
        people: contactSync(
          '"My Schema"."Kunden.Stamm"',
          { city: contact('Ort "alt"') },
          { source: { cursor: "Geändert am" }, mapping: { email: "E-Mail" } },
        ),
      },
    });
    expect((await world.sync()).rows.landed).toBe(1);
    expect(world.api.control.record({ type: "contact", email: "a@b.example" })?.values["city"]).toBe("Graz");
  });
});
