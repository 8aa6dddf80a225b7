import { describe, expect, it } from "vitest";
import {
  type Column,
  findCursorCandidates,
  findKey,
  guessKey,
  isProvenKey,
  pickColumns,
  type Relation,
} from "./relation.ts";

const column = (name: string, rest: Partial<Column> = {}): Column => ({
  name,
  sourceType: "text",
  fieldType: "text",
  nullable: false,
  readable: true,
  unreadable: null,
  select: name,
  toJson: null,
  term: { sql: name, bind: (place) => place },
  exactTerm: null,
  canBeCursor: true,
  cursorRank: null,
  ...rest,
});
const relation = (columns: readonly Column[], rest: Partial<Relation> = {}): Relation => ({
  name: "shop.orders",
  from: "orders",
  table: { schema: "shop", table: "orders" },
  isStored: true,
  columns,
  indexes: [],
  estimatedRows: null,
  ...rest,
});
const unique = (...columns: readonly string[]) => ({ columns, unique: true, primary: false });

describe("the key", () => {
  const columns = [column("a"), column("b"), column("n", { nullable: true })];

  it.each([
    ["is the primary key", [unique("a"), { ...unique("b"), primary: true }], ["b"]],
    ["is a unique index without nulls", [unique("n"), unique("a", "b")], ["a", "b"]],
    ["is nothing that may be null", [unique("n")], null],
    ["is nothing that may be there twice", [{ ...unique("a"), unique: false }], null],
    ["is no index over nothing", [unique()], null],
  ])("%s", (_name, indexes, expected) => {
    expect(findKey(relation(columns, { indexes }))).toStrictEqual(expected);
  });

  it("is proven by an index on some of its columns", () => {
    const table = relation(columns, { indexes: [unique("b")] });
    expect(isProvenKey(table, ["a", "b"])).toBe(true);
    expect(isProvenKey(table, ["a"])).toBe(false);
    expect(isProvenKey(table, ["b", "n"])).toBe(false);
    expect(isProvenKey(relation(columns, { indexes: [unique()] }), ["a"])).toBe(false);
  });

  it("is guessed by its name where nothing proves one", () => {
    expect(guessKey(relation([column("x"), column("order_id"), column("code")]))).toStrictEqual(["order_id"]);
    expect(guessKey(relation([column("x"), column("y")]))).toStrictEqual(["x"]);
  });
});

describe("cursor candidates", () => {
  it("are times named for changes, other times, then numbers named like versions", () => {
    const time = { cursorRank: 30 };
    const table = relation([
      column("created_at", time),
      column("amount", { cursorRank: -1 }),
      column("row_version", { cursorRank: -1 }),
      column("seen", time),
      column("updated_at", time),
      column("day", { cursorRank: 0 }),
      column("hidden_updated_at", { ...time, readable: false }),
      column("note"),
    ]);
    expect(findCursorCandidates(table)).toStrictEqual(["updated_at", "day", "created_at", "seen", "row_version"]);
  });
});

describe("columns that are not there", () => {
  it("are named, with what may be meant", () => {
    expect(() => pickColumns(relation([column("Id")]), ["id"], "key")).toThrow(/has no column "id", which key names/);
    try {
      pickColumns(relation([column("Id")]), ["id"], "key");
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ hint: expect.stringContaining('Did you mean "Id"?') });
    }
  });
});
