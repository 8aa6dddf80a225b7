import type { Cursor } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type Admin,
  isMariadbInstalled,
  never,
  onlyStream,
  runtime,
  startServer,
  type TestServer,
} from "./__fixtures__/server.ts";

/** How many rows are written while they are read. `LATE_COMMITS_WRITES=1000000` is the long run, of some minutes. */
const WRITES = Number(process.env["LATE_COMMITS_WRITES"] ?? 30_000);
const WRITERS = 8;

/** Transactions of up to some hundred rows, held open for a while, some rolled back, some slow to touch their first row. */
async function write(
  client: Admin,
  own: number,
  goOn: () => boolean,
  onWritten: (rows: number) => void,
): Promise<void> {
  let state = own;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  // Locks of rows only: locks of gaps would make the writers meet all the time.
  await client.query("set session transaction isolation level read committed");
  while (goOn()) {
    const rows = 1 + random(300);
    // The time of the statement is taken before it sleeps, and InnoDB hears of it afterwards.
    const first = random(6) === 0 ? `sleep(${random(200) / 1000}) * 0 + 1` : "1";
    const pauseMs = random(4) === 0 ? random(60) : 0;
    const update = `update storm set version = version + 1 where writer = ${own} and id % 1000 ${random(2) === 0 ? "=" : ">"} ${random(1000)} order by id desc limit ${random(300)}`;
    const holdMs = random(20) === 0 ? 1000 : random(50);
    const isKept = random(8) !== 0;
    try {
      await client.query("begin");
      await client.query(`insert into storm (version, writer) values (${first}, ${own})`);
      await client.query(`insert into storm (version, writer) select 1, ${own} from seq_1_to_${rows}`);
      await runtime.sleep(pauseMs, never);
      await client.query(update);
      const [changed] = await client.query("select row_count() as n");
      await runtime.sleep(holdMs, never);
      await client.query(isKept ? "commit" : "rollback");
      if (isKept) onWritten(rows + 1 + Math.max(0, Number(changed?.["n"] ?? 0)));
    } catch (error) {
      if (!isDeadlock(error)) throw error;
      await client.query("rollback");
    }
  }
}

function isDeadlock(error: unknown): boolean {
  return error instanceof Error && "errno" in error && (error.errno === 1213 || error.errno === 1205);
}

describe.skipIf(!isMariadbInstalled)("late commits [needs MariaDB: apt-get install mariadb-server-core]", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });

  afterEach(() => server.release());

  afterAll(() => server.stop());

  it.each([
    ["timestamp(6)", 1],
    ["datetime(6)", 1],
    ["timestamp", 0.3],
    ["datetime(3)", 0.3],
  ])(
    `a cursor of %s loses none of ${WRITES} writes (times %s) by ${WRITERS} writers that commit late`,
    { timeout: 3_600_000 },
    async (type, share) => {
      const digits = /\(\d\)/.exec(type)?.[0] ?? "";
      const now = `current_timestamp${digits}`;
      const admin = await server.connect();
      await admin.query(`drop table if exists storm; create table storm (id bigint primary key auto_increment, version int not null, writer int not null,
        updated_at ${type} not null default ${now} on update ${now}, key (updated_at, id), key (writer, id))`);
      const source = server.source({ table: "storm", cursor: "updated_at", pageRows: 500, cursorTimeZone: "+00:00" });
      const stream = await onlyStream(source);
      const seen = new Map<string, unknown>();
      let cursor: Cursor | null = null;
      let written = 0;

      async function pass(): Promise<number> {
        let rows = 0;
        for await (const page of source.read(stream, cursor, never)) {
          for (const row of page.rows) seen.set(row.key, row.fields["version"]);
          cursor = page.cursor;
          rows += page.rows.length;
        }
        return rows;
      }

      const clients = await Promise.all(Array.from({ length: WRITERS }, () => server.connect()));
      const storm = clients.map((client, index) =>
        write(
          client,
          index + 1,
          () => written < WRITES * share,
          (rows) => (written += rows),
        ),
      );
      let isOver = false;
      let passes = 0;
      const over = Promise.all(storm).finally(() => (isOver = true));
      while (!isOver) {
        await pass();
        passes += 1;
      }
      await over;
      // A column of whole seconds is complete a second later.
      await runtime.sleep(2100, never);
      while ((await pass()) > 0);

      const rows = await admin.query("select id, version from storm");
      const lost = rows.filter((row) => seen.get(String(row["id"])) !== row["version"]);
      expect({
        passes: passes > 0,
        written: written >= WRITES * share,
        rows: rows.length,
        lost: lost.slice(0, 5),
      }).toEqual({ passes: true, written: true, rows: seen.size, lost: [] });
    },
  );
});
