import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { AuthError, SyncError } from "../contracts/errors.ts";
import { toStateError } from "./to-state-error.ts";

const location = "/data/state.db";

const failure = (properties: object): Error => Object.assign(new Error("the detail"), properties);

describe.each([
  { what: { errcode: 5 }, opening: "transient", inUse: "transient", says: "stayed locked by another process" },
  { what: { errcode: 517 }, opening: "transient", inUse: "transient", says: "stayed locked by another process" },
  { what: { errcode: 11 }, opening: "config", inUse: "config", says: "is damaged" },
  { what: { errcode: 26 }, opening: "config", inUse: "config", says: "is damaged" },
  { what: { errcode: 13 }, opening: "transient", inUse: "transient", says: "no space left" },
  { what: { code: "ENOSPC" }, opening: "transient", inUse: "transient", says: "no space left" },
  { what: { errcode: 4874 }, opening: "transient", inUse: "transient", says: "no space left" },
  { what: { errcode: 778 }, opening: "transient", inUse: "transient", says: "the disk failed" },
  { what: { code: "EIO" }, opening: "transient", inUse: "transient", says: "the disk failed" },
  { what: { code: "EISDIR" }, opening: "config", inUse: "config", says: "is a directory" },
  { what: { code: "ENOTDIR" }, opening: "config", inUse: "config", says: "leads through a file" },
  { what: { code: "EACCES" }, opening: "config", inUse: "transient", says: "permission denied" },
  { what: { code: "EROFS" }, opening: "config", inUse: "transient", says: "it is read-only" },
  { what: { errcode: 8 }, opening: "config", inUse: "transient", says: "it is read-only" },
  { what: { errcode: 14 }, opening: "config", inUse: "transient", says: "cannot be opened" },
  { what: { errcode: 15 }, opening: "config", inUse: "config", says: "without the locks" },
  { what: { errcode: 7 }, opening: "transient", inUse: "transient", says: "ran out of memory or file handles" },
  { what: { errcode: 1 }, opening: "config", inUse: "bug", says: "cannot be used|used in a way" },
  { what: { code: "ERR_INVALID_ARG_TYPE" }, opening: "config", inUse: "bug", says: "cannot be used|used in a way" },
])("$what", ({ what, opening, inUse, says }) => {
  test.each([
    { phase: "while opening", kind: opening, isOpening: true },
    { phase: "in use", kind: inUse, isOpening: false },
  ])(`is $kind $phase`, ({ kind, isOpening }) => {
    const cause = failure(what);
    const error = toStateError(cause, { location, opening: isOpening });
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(new RegExp(says));
    expect(error.message).toContain(location);
    expect(error.message).toContain("the detail");
    expect(error.cause).toBe(cause);
    if (kind !== "bug") expect(error.hint).toMatch(/\.$/);
  });
});

test("one of the five stays what it is, and anything else becomes one of them", () => {
  const own = new AuthError("no");
  expect(toStateError(own, { location, opening: true })).toBe(own);
  for (const odd of [undefined, null, "text", 7, {}]) {
    expect(SyncError.is(toStateError(odd, { location, opening: false }))).toBe(true);
  }
});

test("a full database of the real SQLite is no space left", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("create table t (x blob); pragma max_page_count = 3");
  const overfill = (): unknown => {
    try {
      return database.exec("insert into t values (zeroblob(1000000))");
    } catch (error) {
      return error;
    }
  };
  expect(toStateError(overfill(), { location, opening: false })).toMatchObject({ kind: "transient" });
  expect(toStateError(overfill(), { location, opening: false }).message).toContain("no space left");
  database.close();
});
