import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BugError } from "../contracts/errors.ts";
import { createSqliteSession } from "./sqlite-session.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sqlite-session-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function open() {
  const file = join(directory, "session.db");
  const db = new DatabaseSync(file);
  db.exec(`
    pragma journal_mode = wal;
    create table word (text text not null primary key) strict;
    create table reference (text text not null references word (text) deferrable initially deferred) strict;`);
  const onlooker = new DatabaseSync(file);
  const session = createSqliteSession(db, {
    location: file,
    now: Date.now,
    prepare: (opened) => ({
      addWord: opened.prepare("insert into word values (?)"),
      addReference: opened.prepare("insert into reference values (?)"),
    }),
    connect: () => new DatabaseSync(file),
  });
  return {
    session,
    add: (text: string) => session.write(({ addWord }) => Number(addWord.run(text).changes)),
    refer: (text: string) => session.write(({ addReference }) => Number(addReference.run(text).changes)),
    words: () =>
      onlooker
        .prepare("select text from word order by text")
        .all()
        .map(({ text }) => text),
    /** Rises with every transaction of others. */
    version: () => onlooker.prepare("pragma data_version").get()?.["data_version"],
  };
}

const reasonOf = (result: PromiseSettledResult<unknown> | undefined): unknown =>
  result?.status === "rejected" ? result.reason : undefined;

test("writes that are asked for together are one transaction", async () => {
  const { add, words, version } = open();
  const before = Number(version());
  const later = Promise.resolve().then(() => add("c"));
  expect(await Promise.all([add("a"), add("b"), later])).toEqual([1, 1, 1]);
  expect(words()).toEqual(["a", "b", "c"]);
  expect(Number(version()) - before).toBe(1);
});

test("each of them succeeds or fails alone", async () => {
  const { session, add, words } = open();
  const half = session.write(({ addWord }) => {
    addWord.run("half");
    throw new BugError("half way");
  });
  const [first, again, broken, last] = await Promise.allSettled([add("a"), add("a"), half, add("z")]);
  expect([first?.status, again?.status, broken?.status, last?.status]).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  expect(reasonOf(broken)).toEqual(new BugError("half way"));
  expect(words()).toEqual(["a", "z"]);
});

test("where the transaction fails, all of them do, and the next one goes through", async () => {
  const { add, refer, words } = open();
  const together = await Promise.allSettled([add("a"), refer("nothing"), add("b")]);
  expect(together.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(words()).toEqual([]);
  expect(await add("c")).toBe(1);
  expect(words()).toEqual(["c"]);
});

test("closing writes what was asked for, and nothing after it is taken", async () => {
  const { session, add, words } = open();
  const pending = add("a");
  session.close();
  expect(await pending).toBe(1);
  await expect(add("b")).rejects.toBeInstanceOf(BugError);
  expect(words()).toEqual(["a"]);
});
