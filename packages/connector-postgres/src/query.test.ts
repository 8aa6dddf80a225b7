import { fullPage, incrementalPage, outsidePage, parseTableName, type PositionTerm } from "@acme/sql-source";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dialect, quoteIdentifier, toExactTerm, toShortName, toTerm } from "./query.ts";

describe("names", () => {
  const plain = (name: string) => ({ name, quoted: false });
  const quoted = (name: string) => ({ name, quoted: true });

  it.each([
    ["customers", { schema: null, table: plain("customers") }],
    ["public.customers", { schema: plain("public"), table: plain("customers") }],
    ['"My Schema"."My.Table"', { schema: quoted("My Schema"), table: quoted("My.Table") }],
    ['public."say ""hi"""', { schema: plain("public"), table: quoted('say "hi"') }],
    ["my table", { schema: null, table: plain("my table") }],
    ["kunden_größe", { schema: null, table: plain("kunden_größe") }],
    ["x; drop table y", { schema: null, table: plain("x; drop table y") }],
  ])("%s", (text, expected) => {
    expect(parseTableName(text, '"')).toStrictEqual(expected);
  });

  it.each(["", ".", "a.", ".a", "a.b.c", '"a', '""', 'a"b', '"a"b'])("refuses %j", (text) => {
    expect(() => parseTableName(text, '"')).toThrow(/is not the name of a table/);
  });

  it("reads back every quoted name", () => {
    const name = fc.string({ unit: "binary", minLength: 1 });
    fc.assert(
      fc.property(name, name, (schema, table) => {
        expect(parseTableName(`${quoteIdentifier(schema)}.${quoteIdentifier(table)}`, '"')).toStrictEqual({
          schema: quoted(schema),
          table: quoted(table),
        });
      }),
    );
  });

  it("quotes only where it must", () => {
    expect(["id", "Id", "a b", 'a"b', "1a"].map(toShortName)).toStrictEqual(["id", '"Id"', '"a b"', '"a""b"', '"1a"']);
  });
});

describe("statements", () => {
  const term = (name: string, castType: string, value: number): PositionTerm => ({ ...toTerm(name, castType), value });
  const updated = term("updated_at", "timestamp with time zone", 0);
  const selection = { dialect, from: '"public"."t"', select: ["id", 'x"y'].map(quoteIdentifier) };
  const limit = 11;

  it("compares rows, never columns one by one", () => {
    expect(
      incrementalPage(selection, [updated, term("id", "bigint", 1)], {
        after: ["2024-01-01 00:00:00+00", "7"],
        bound: { value: "2024-02-01 00:00:00+00", inclusive: false },
        limit,
      }),
    ).toStrictEqual({
      text: 'select "id", "x""y" from "public"."t" where ("updated_at", "id") > ($1::timestamp with time zone, $2::bigint) and "updated_at" < $3::timestamp with time zone order by "updated_at", "id" limit 11',
      values: ["2024-01-01 00:00:00+00", "7", "2024-02-01 00:00:00+00"],
    });
  });

  it("names a cursor that is the key once", () => {
    expect(
      incrementalPage(selection, [term("id", "bigint", 0)], {
        after: ["7", "7"],
        bound: { value: "9", inclusive: true },
        limit,
      }),
    ).toStrictEqual({
      text: 'select "id", "x""y" from "public"."t" where "id" > $1::bigint and "id" <= $2::bigint order by "id" limit 11',
      values: ["7", "9"],
    });
  });

  it("stops a full pass at its last key", () => {
    const key = [term("tenant", "text", 0), term("id", "bigint", 1)];
    expect(fullPage(selection, key, { after: ["a", "1"], end: ["z", "9"], limit })).toStrictEqual({
      text: 'select "id", "x""y" from "public"."t" where ("tenant", "id") > ($1::text, $2::bigint) and ("tenant", "id") <= ($3::text, $4::bigint) order by "tenant", "id" limit 11',
      values: ["a", "1", "z", "9"],
    });
  });

  it("tells apart what a collation takes for one", () => {
    const key = [term("code", "text", 0), { ...toExactTerm("code"), value: 0 }];
    expect(fullPage(selection, key, { after: null, end: ["z"], limit }).text).toBe(
      'select "id", "x""y" from "public"."t" where ("code", "code"::text collate "C") <= ($1::text, $2::text collate "C") order by "code", "code"::text collate "C" limit 11',
    );
  });

  it("reads what the cursor cannot reach by key", () => {
    const outside = { nulls: true, from: "infinity" };
    expect(outsidePage(selection, updated, [term("id", "bigint", 0)], { outside, after: null, limit }).text).toBe(
      'select "id", "x""y" from "public"."t" where ("updated_at" is null or "updated_at" >= $1::timestamp with time zone) order by "id" limit 11',
    );
  });
});
