import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { migrations } from "./migrations.ts";
import { openSqliteRunQueue } from "./open-sqlite-run-queue.ts";
import { openSqliteState } from "./open-sqlite-state.ts";
import { describeRunQueue } from "../testing/describe-run-queue.ts";

const directory = mkdtempSync(join(tmpdir(), "run-queue-"));
afterAll(() => rmSync(directory, { recursive: true }));

describeRunQueue("SQLite run queue", (place, now) => openSqliteRunQueue({ file: join(directory, `${place}.db`), now }));

test("the queue lies in the file of the state, whichever is opened first", async () => {
  const file = join(directory, "both.db");
  const store = await openSqliteState({ file, now: Date.now });
  const queue = await openSqliteRunQueue({ file, now: Date.now });
  const state = await store.claim("customers", "run", 1_000);
  await queue.enqueue({ sync: "customers", kind: "sync", trigger: "hand", priority: 0, dueAt: 0 });
  await state?.checkpoint(1, null);
  expect(await state?.cursor()).toBe(1);
  expect(await queue.entries()).toHaveLength(1);
  await store.close();
  await queue.close();
});

test("a state of a version without a queue gets one and keeps what it knows", async () => {
  const file = join(directory, "before.db");
  const store = await openSqliteState({ file, now: Date.now });
  await (await store.claim("customers", "run", 1_000))?.checkpoint("here", null);
  await store.close();
  const db = new DatabaseSync(file);
  db.exec(
    `drop table queue_entry; drop table schedule; drop table run_note; drop table alert;
     alter table left_record drop column missed_at; alter table left_record drop column look_at;
     alter table batch drop column record_kind; pragma user_version = 3`,
  );
  db.close();

  const queue = await openSqliteRunQueue({ file, now: Date.now });
  expect(await queue.entries()).toEqual([]);
  await queue.close();
  const again = await openSqliteState({ file, now: Date.now, readOnly: true });
  expect((await again.summary("customers"))?.cursor).toBe("here");
  await again.close();
  expect(migrations).toHaveLength(5);
});
