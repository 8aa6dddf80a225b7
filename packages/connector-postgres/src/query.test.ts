import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fullPage,
  incrementalPage,
  outsidePage,
  parseTableName,
  quoteIdentifier,
  toShortName,
  wrapQuery,
} from "./query.ts";

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
    expect(parseTableName(text)).toStrictEqual(expected);
  });

  it.each(["", ".", "a.", ".a", "a.b.c", '"a', '""', 'a"b', '"a"b'])("refuses %j", (text) => {
    expect(() => parseTableName(text)).toThrow(/is not the name of a table/);
  });

  it("reads back every quoted name", () => {
    const name = fc.string({ unit: "binary", minLength: 1 });
    fc.assert(
      fc.property(name, name, (schema, table) => {
        expect(parseTableName(`${quoteIdentifier(schema)}.${quoteIdentifier(table)}`)).toStrictEqual({
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
  const id = { name: "id", castType: "bigint" };
  const updated = { name: "updated_at", castType: "timestamp with time zone" };
  const common = { from: '"public"."t"', select: ["id", 'x"y'], limit: 11 };

  it("compares rows, never columns one by one", () => {
    expect(
      incrementalPage({
        ...common,
        cursor: updated,
        key: [id],
        after: ["2024-01-01 00:00:00+00", "7"],
        bound: { value: "2024-02-01 00:00:00+00", inclusive: false },
      }),
    ).toStrictEqual({
      text: 'select "id", "x""y" from "public"."t" where ("updated_at", "id") > ($1::timestamp with time zone, $2::bigint) and "updated_at" < $3::timestamp with time zone order by "updated_at", "id" limit 11',
      values: ["2024-01-01 00:00:00+00", "7", "2024-02-01 00:00:00+00"],
    });
  });

  it("names a cursor that is the key once", () => {
    expect(
      incrementalPage({ ...common, cursor: id, key: [id], after: ["7", "7"], bound: { value: "9", inclusive: true } }),
    ).toStrictEqual({
      text: 'select "id", "x""y" from "public"."t" where "id" > $1::bigint and "id" <= $2::bigint order by "id" limit 11',
      values: ["7", "9"],
    });
  });

  it("stops a full pass at its last key", () => {
    const text = { name: "tenant", castType: "text" };
    expect(fullPage({ ...common, key: [text, id], after: ["a", "1"], end: ["z", "9"] })).toStrictEqual({
      text: 'select "id", "x""y" from "public"."t" where ("tenant", "id") > ($1::text, $2::bigint) and ("tenant", "id") <= ($3::text, $4::bigint) order by "tenant", "id" limit 11',
      values: ["a", "1", "z", "9"],
    });
  });

  it("reads what the cursor cannot reach by key", () => {
    expect(
      outsidePage({ ...common, cursor: updated, key: [id], outside: { nulls: true, from: "infinity" }, after: null })
        .text,
    ).toBe(
      'select "id", "x""y" from "public"."t" where ("updated_at" is null or "updated_at" >= $1::timestamp with time zone) order by "id" limit 11',
    );
  });

  it("wraps a query whatever it ends with", () => {
    expect(wrapQuery("select 1 -- one\n; ")).toBe("(select 1 -- one\n) as source");
    expect(wrapQuery("select 1;")).toBe("(select 1\n) as source");
  });
});
