import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { rowsOf, toBatch } from "../testing/state-rows.ts";
import { BugError, ConfigError, TransientError } from "../contracts/errors.ts";
import type { StateStore } from "../contracts/state.ts";
import { applicationId, migrations } from "./migrations.ts";
import { openSqliteState } from "./open-sqlite-state.ts";
import { describeStateStore } from "../testing/describe-state-store.ts";

const directory = mkdtempSync(join(tmpdir(), "sqlite-state-"));
// Other users must be able to reach the files, so that only the rights of the files themselves decide.
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

describeStateStore("SQLite state", (place, now) =>
  openSqliteState({ file: join(directory, "suite", `${place}.db`), now }),
);

let file = "";
let files = 0;
beforeEach(() => {
  const own = join(directory, String(++files));
  mkdirSync(own, { mode: 0o755 });
  file = join(own, "state.db");
});

const open = (options: { readOnly?: boolean; busyMs?: number } = {}): Promise<StateStore> =>
  openSqliteState({ file, now: Date.now, ...options });

const fill = async (rows = 3_000): Promise<void> => {
  const store = await open();
  const state = await store.claim("customers", "run", 1_000);
  const keys = Array.from({ length: rows }, (_, row) => `row ${row}`);
  await state?.settle({ batchId: "b", landed: rowsOf(...keys), parked: [], replacedBy: [] });
  await state?.release();
  await store.close();
};

/** A process of its own that works on `file`. `limit`: a prefix for the shell that starts it. */
const start = (task: string, args: readonly (string | number)[] = [], limit = ""): ChildProcess =>
  spawn(
    "sh",
    [
      "-c",
      `${limit} exec "$0" "$@"`,
      process.execPath,
      "--conditions=@acme/source",
      join(import.meta.dirname, "__fixtures__", "state-process.ts"),
      task,
      file,
      ...args.map(String),
    ],
    { stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );

const nextMessage = async (child: ChildProcess): Promise<Record<string, unknown>> => {
  const ended = new AbortController();
  const end = (code: number | null): void => ended.abort(new Error(`The process ended with ${code} and said nothing.`));
  child.once("close", end);
  try {
    const [message] = await once(child, "message", { signal: ended.signal });
    return message;
  } finally {
    child.off("close", end);
  }
};

describe("a new file", () => {
  test("is made with its directories, for this user alone", async () => {
    file = join(directory, "deep", "er", "state.db");
    const store = await open();
    await store.claim("customers", "run", 1_000);
    for (const suffix of ["", "-wal", "-shm"]) expect(statSync(file + suffix).mode & 0o777, suffix).toBe(0o600);
    expect(statSync(join(directory, "deep")).mode & 0o777).toBe(0o700);
    expect(store.location).toBe(file);
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test("that others could read is closed to them", async () => {
    writeFileSync(file, "", { mode: 0o644 });
    await (await open()).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("is no file at all in memory", async () => {
    const store = await openSqliteState({ file: ":memory:", now: Date.now });
    expect(await store.claim("customers", "run", 1_000)).not.toBeNull();
    expect(store.location).toBe(":memory:");
    await store.close();
    expect(existsSync(":memory:")).toBe(false);
  });

  test("may be opened by many at the same moment", async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => open()));
    for (const store of stores) await store.claim("customers", "run", 1_000);
    expect(await stores[0]?.syncs()).toEqual(["customers"]);
    for (const store of stores) await store.close();
  });

  test("never holds what is in a row", async () => {
    const store = await open();
    const state = await store.claim("customers", "run", 1_000);
    await state?.writeDown([toBatch("b", ["a"])], []);
    const bytes = readFileSync(file, "latin1") + readFileSync(`${file}-wal`, "latin1");
    expect(bytes).toContain("record of a");
    expect(bytes).not.toContain("never stored");
    await store.close();
  });
});

describe("reading only", () => {
  test("shows everything and changes nothing", async () => {
    await fill(10);
    const before = readFileSync(file);
    const store = await open({ readOnly: true });
    expect((await store.summary("customers"))?.landedRows).toBe(10);
    expect((await store.known("customers", ["row 1"])).size).toBe(1);
    await expect(store.claim("customers", "run", 1_000)).rejects.toThrow("it is read-only");
    await store.close();
    expect(readFileSync(file)).toEqual(before);
  });

  test("works beside a run that writes", async () => {
    const writer = await open();
    const reader = await open({ readOnly: true });
    await writer.claim("customers", "run", 100_000);
    expect((await reader.summary("customers"))?.heldBy?.holder).toBe("run");
    await writer.close();
    await reader.close();
  });

  const canMount = process.getuid?.() === 0 && process.platform === "linux";
  test.skipIf(!canMount)(
    "works on a file system that is read-only, with and without a log [needs root and tmpfs: run the tests as root on Linux]",
    async () => {
      const mount = join(file, "..", "mount");
      mkdirSync(mount);
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", mount]);
      try {
        file = join(mount, "state.db");
        await fill(10);
        execFileSync("mount", ["-o", "remount,ro", mount]);
        const store = await open({ readOnly: true });
        expect((await store.summary("customers"))?.landedRows).toBe(10);
        await expect(store.reset("customers")).rejects.toThrow(/read-only/);
        await store.close();
        await expect(open()).rejects.toThrow("it is read-only");

        execFileSync("mount", ["-o", "remount,rw", mount]);
        const writer = await open();
        await writer.claim("customers", "a run that dies", 1_000);
        // What a killed process leaves: everything it wrote since is in the log alone.
        const left = mkdtempSync(join(tmpdir(), "state-left-"));
        for (const part of ["", "-wal", "-shm"]) copyFileSync(`${file}${part}`, join(left, `state.db${part}`));
        await writer.close();
        for (const part of ["", "-wal", "-shm"]) copyFileSync(join(left, `state.db${part}`), `${file}${part}`);
        rmSync(left, { recursive: true });
        execFileSync("mount", ["-o", "remount,ro", mount]);
        const reader = await open({ readOnly: true });
        expect((await reader.summary("customers"))?.heldBy?.holder).toBe("a run that dies");
        await reader.close();
      } finally {
        execFileSync("umount", ["--lazy", mount]);
      }
    },
  );

  test("does not make a file", async () => {
    await expect(open({ readOnly: true })).rejects.toBeInstanceOf(ConfigError);
    expect(existsSync(file)).toBe(false);
  });
});

describe("a file that cannot be used is refused, and left as it is", () => {
  const refuses = async (says: string): Promise<void> => {
    const before = readFileSync(file);
    for (const readOnly of [false, true]) {
      const attempt = open({ readOnly });
      await expect(attempt).rejects.toBeInstanceOf(ConfigError);
      await expect(attempt).rejects.toThrow(says);
      await expect(attempt).rejects.toThrow(file);
      await expect(attempt).rejects.toHaveProperty("hint", expect.stringMatching(/\w+\.$/));
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  };

  test("text", async () => {
    writeFileSync(file, "syncs:\n  customers:\n".repeat(50), { mode: 0o600 });
    await refuses("file is not a database");
  });

  test("a few bytes", async () => {
    writeFileSync(file, "SQLite format 3\0", { mode: 0o600 });
    await refuses("file is not a database");
  });

  test("half of a state", async () => {
    await fill();
    truncateSync(file, Math.floor(statSync(file).size / 2));
    await refuses("is damaged");
  });

  test("a state whose list of tables was overwritten", async () => {
    await fill();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 100, 4_096);
    writeFileSync(file, bytes);
    await refuses("is damaged");
  });

  test("another program's database", async () => {
    const other = new DatabaseSync(file);
    other.exec("create table customer (id integer)");
    other.close();
    chmodSync(file, 0o600);
    await refuses("not one of ours");
  });

  test("a newer version", async () => {
    await fill();
    const newer = new DatabaseSync(file);
    newer.exec(`pragma user_version = ${migrations.length + 1}`);
    newer.close();
    await refuses(`version ${migrations.length + 1}, this program knows ${migrations.length}`);
  });

  test("a newer version that was killed: what is still in its log stays there", async () => {
    await fill();
    const running = new DatabaseSync(file);
    running.exec(`pragma journal_mode = wal; pragma user_version = ${migrations.length + 1}`);
    const [state, log] = [readFileSync(file), readFileSync(`${file}-wal`)];
    running.close();
    writeFileSync(file, state);
    writeFileSync(`${file}-wal`, log);
    await refuses("newer version");
    expect(readFileSync(`${file}-wal`).equals(log)).toBe(true);
  });

  test("a state without its tables", async () => {
    await fill();
    const other = new DatabaseSync(file);
    other.exec("drop table batch");
    other.close();
    await refuses("cannot be used (no such table");
  });

  test("a directory", async () => {
    mkdirSync(file);
    for (const readOnly of [false, true]) await expect(open({ readOnly })).rejects.toThrow(ConfigError);
    await expect(open()).rejects.toThrow("is a directory");
  });

  test("a path through a file", async () => {
    writeFileSync(file, "");
    file = join(file, "state.db");
    await expect(open()).rejects.toThrow(ConfigError);
    await expect(open()).rejects.toThrow("leads through a file");
  });
});

test("pages damaged in the middle are found by those who read them, and nothing is written over them", async () => {
  await fill(20_000);
  const bytes = readFileSync(file);
  // The first pages hold the names of the tables, which opening reads.
  bytes.fill(0xa5, bytes.length / 2);
  writeFileSync(file, bytes);
  const store = await open();
  const keys = Array.from({ length: 20_000 }, (_, row) => `row ${row}`);
  await expect(store.known("customers", keys)).rejects.toThrow(ConfigError);
  await expect(store.known("customers", keys)).rejects.toThrow("is damaged");
  await store.close();
  expect(readFileSync(file).equals(bytes)).toBe(true);
});

describe("rights and disks", () => {
  test.each([
    { what: "a file of somebody else", mode: 0o600, directoryMode: 0o755, says: "permission denied" },
    { what: "a file that may only be read", mode: 0o444, directoryMode: 0o755, says: "permission denied" },
    { what: "a directory that nobody may enter", mode: 0o666, directoryMode: 0o600, says: "permission denied" },
  ])("$what: a ConfigError", async ({ mode, directoryMode, says }) => {
    await fill(10);
    chmodSync(file, mode);
    chmodSync(join(file, ".."), directoryMode);
    const before = statSync(file);
    expect(await nextMessage(start("open"))).toEqual({
      failed: { name: "ConfigError", message: expect.stringContaining(says) },
    });
    chmodSync(join(file, ".."), 0o755);
    expect(statSync(file).mtimeMs).toBe(before.mtimeMs);
  });

  test("a disk that takes no more: a TransientError, and nothing that was done is lost", async () => {
    // The shell counts in blocks of 512 or 1,024 bytes: one or two megabytes for every file of the process.
    const child = start("write", [100], "ulimit -f 2048;");
    let reached = -1;
    const failure = await new Promise<Record<string, unknown>>((resolve) => {
      child.on("message", (message: Record<string, unknown>) => {
        if (typeof message["checkpoint"] === "number") reached = message["checkpoint"];
        else resolve(message);
      });
    });
    expect(failure).toMatchObject({
      failed: { name: "TransientError", message: expect.stringMatching(/disk failed|no space left/) },
      stillReads: true,
    });
    expect(reached).toBeGreaterThan(5);
    const store = await open();
    expect((await store.summary("customers"))?.cursor).toBe(reached);
    await expectConsistent(store, 100);
  });

  test("a state that another process keeps locked: a TransientError", async () => {
    await fill(10);
    const other = new DatabaseSync(file);
    other.exec("begin immediate");
    const store = await open({ busyMs: 100 });
    const attempt = store.claim("customers", "run", 1_000);
    await expect(attempt).rejects.toThrow(TransientError);
    await expect(attempt).rejects.toThrow("locked by another process");
    other.exec("rollback");
    expect(await store.claim("customers", "run", 1_000)).not.toBeNull();
    other.close();
    await store.close();
  });
});

const expectConsistent = async (store: StateStore, rows: number): Promise<void> => {
  const summary = await store.summary("customers");
  const state = await store.claim("customers", "writer", 60_000);
  const done = typeof summary?.cursor === "number" ? summary.cursor : -1;
  const keys = (page: number): string[] => Array.from({ length: rows }, (_, row) => `${page}-${row}`);
  for (let page = 0; page <= done; page++) expect((await store.known("customers", keys(page))).size).toBe(rows);
  // A page further may have landed without its checkpoint; or it is still written down, whole.
  const ahead = (await store.known("customers", keys(done + 1))).size;
  expect([0, rows]).toContain(ahead);
  const unsettled = (await state?.unsettled()) ?? [];
  expect(unsettled.length).toBeLessThanOrEqual(1);
  for (const batch of unsettled) expect([batch.id, batch.rows.length]).toEqual([`batch-${done + 1}`, rows]);
  expect(summary?.landedRows).toBe((done + 1) * rows + ahead);
  await store.close();

  const database = new DatabaseSync(file);
  expect(database.prepare("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
  expect(database.prepare("select count(*) as rows from landed_row").get()).toEqual({ rows: summary?.landedRows });
  database.close();
};

test("a process killed in the middle of writing leaves a whole state, from which the next one goes on", async () => {
  let reached = -1;
  for (let kill = 0; kill < 8; kill++) {
    const child = start("write", [20]);
    child.on("message", (message: Record<string, unknown>) => {
      if (typeof message["checkpoint"] === "number") reached = message["checkpoint"];
    });
    await nextMessage(child);
    await new Promise((resolve) => setTimeout(resolve, 5 + kill * 17));
    child.kill("SIGKILL");
    await once(child, "close");
    const store = await open();
    expect((await store.summary("customers"))?.cursor).toBeGreaterThanOrEqual(reached);
    await expectConsistent(store, 20);
  }
  expect(reached).toBeGreaterThan(50);
});

test("two processes share one rate: never more than the limit in any minute, and nearly all of it used", async () => {
  const [scale, runMs, takers, unitsPerMinute, burstUnits] = [20, 7_000, 6, 1_000, 20] as const;
  const children = [1, 2].map(() => start("reserve", [scale, runMs, takers, unitsPerMinute, burstUnits]));
  await Promise.all(children.map(nextMessage));
  const answers = children.map(nextMessage);
  for (const child of children) child.send("go");
  const taken = (await Promise.all(answers)).map(toGrants);
  const grants = taken.flat().toSorted((a, b) => a.atMs - b.atMs);

  let most = 0;
  let inMinute = 0;
  let oldest = 0;
  for (const grant of grants) {
    inMinute += grant.units;
    for (let old = grants[oldest]; old !== undefined && grant.atMs - old.atMs >= 60_000; old = grants[++oldest]) {
      inMinute -= old.units;
    }
    most = Math.max(most, inMinute);
  }
  expect(most).toBeLessThanOrEqual(unitsPerMinute);
  const minutes = ((grants.at(-1)?.atMs ?? 0) - (grants[0]?.atMs ?? 0)) / 60_000;
  const units = grants.reduce((sum, grant) => sum + grant.units, 0);
  expect(minutes).toBeGreaterThan(2);
  expect(units / (minutes * unitsPerMinute)).toBeGreaterThanOrEqual(0.97);
  for (const own of taken) expect(own.length).toBeGreaterThan(100);
});

function toGrants(answer: Record<string, unknown>): { atMs: number; units: number }[] {
  const grants = Array.isArray(answer["grants"]) ? answer["grants"] : [];
  return grants.map(({ atMs, units }) => ({ atMs: Number(atMs), units: Number(units) }));
}

test("a read-only store refuses in words of the store, a closed one as a bug", async () => {
  await fill(1);
  const store = await open({ readOnly: true });
  await expect(store.reset("customers")).rejects.toThrow(/read-only/);
  await store.close();
  await expect(store.reset("customers")).rejects.toThrow(BugError);
});

test("a file of every earlier version is brought up to date, with all that it held", async () => {
  for (let version = 1; version < migrations.length; version += 1) {
    file = join(directory, `version-${version}.db`);
    const old = new DatabaseSync(file);
    for (const step of migrations.slice(0, version)) old.exec(step);
    old.exec(`
      insert into sync (id, name, fence, cursor, landed_rows, parked_rows) values (1, 'customers', 7, '"at"', 1, 0);
      insert into landed_row (sync_id, key, digest) values (1, 'a', x'01');
      insert into batch (sync_id, id, seq, written_at, rows) values (1, 'b', 1, 5, x'0100');
      pragma application_id = ${applicationId}; pragma user_version = ${version};`);
    old.close();
    const store = await open();
    expect(await store.summary("customers")).toMatchObject({
      cursor: "at",
      landedRows: 1,
      unsettledBatches: 1,
      enumeration: "none",
    });
    expect(await store.known("customers", ["a"])).toEqual(new Map([["a", { landed: Uint8Array.of(1), parked: null }]]));
    const state = await store.claim("customers", "run", 1_000);
    expect(state?.fence).toBe(8);
    expect(await state?.unsettled()).toMatchObject([{ id: "b", rows: [] }]);
    expect(await state?.unidentifiedCount()).toBe(1);
    await store.close();
  }
});
