import type { Cursor } from "@acme/sync-core";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { never, onlyStream, runtime, startServer, type TestServer } from "./__fixtures__/server.ts";

/** How many rows are written while they are read. `LATE_COMMITS_WRITES=1000000` is the long run, of some minutes. */
const WRITES = Number(process.env["LATE_COMMITS_WRITES"] ?? 30_000);
const WRITERS = 8;

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterEach(() => server.release());

afterAll(() => server.stop());

/** Transactions of up to some hundred rows that share one time stamp, held open for a while, some rolled back. */
async function write(
  client: Client,
  seed: number,
  goOn: () => boolean,
  onWritten: (rows: number) => void,
): Promise<void> {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  while (goOn()) {
    await client.query("begin");
    const inserted = await client.query("insert into storm (version) select 1 from generate_series(1, $1)", [
      1 + random(300),
    ]);
    if (random(4) === 0) await runtime.sleep(random(60), never);
    const updated = await client.query(
      `update storm set version = version + 1, updated_at = default where id in (
         select id from storm where id > (select max(id) from storm) * $1::float8 order by id limit $2 for update skip locked)`,
      [random(1000) / 1000, random(300)],
    );
    await runtime.sleep(random(20) === 0 ? 1000 : random(50), never);
    const isKept = random(8) !== 0;
    await client.query(isKept ? "commit" : "rollback");
    if (isKept) onWritten((inserted.rowCount ?? 0) + (updated.rowCount ?? 0));
  }
}

it(`loses none of ${WRITES} writes by ${WRITERS} writers that commit late`, { timeout: 3_600_000 }, async () => {
  const admin = await server.connect();
  await admin.query(`create table storm (id bigserial primary key, version int not null, updated_at timestamptz not null default now());
    create index on storm (updated_at, id)`);
  const source = server.source({ table: "storm", cursor: "updated_at", pageRows: 500 });
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
      () => written < WRITES,
      (rows) => (written += rows),
    ),
  );
  let isOver = false;
  const over = Promise.all(storm).finally(() => (isOver = true));
  while (!isOver) await pass();
  await over;
  while ((await pass()) > 0);

  const { rows } = await admin.query<{ id: string; version: number }>("select id, version from storm");
  const lost = rows.filter((row) => seen.get(row.id) !== row.version);
  expect({ written: written >= WRITES, rows: rows.length, lost: lost.slice(0, 5) }).toEqual({
    written: true,
    rows: seen.size,
    lost: [],
  });
});
