import type { Forgotten, ImportCounts, StatePiece, StateTransfer } from "@acme/sync-core";
import {
  atWork,
  type Cell,
  disordered,
  fromStoredText,
  holdsRow,
  notEmpty,
  pieceLimits,
  sizeOf,
  type StateTable,
  type StoredBatch,
  stateTables,
  stillUnderWay,
  syncTable,
  tableOf,
  toCells,
  toLiveClaim,
  toStateRow,
  toStoredText,
} from "@acme/sync-core/state";
import { toIndexedText } from "./indexed-text.ts";
import type { PostgresSession, Transaction } from "./session.ts";
import { batches, deletions, rows, type SyncRow, syncs, transfer } from "./statements.ts";
import { damagedState } from "./to-state-error.ts";

/** The part of the store that moves everything at once, and that erases. */
export function createPostgresTransfer(session: PostgresSession): StateTransfer {
  return {
    async *exportAll(chosen) {
      const transaction = await session.begin("repeatable read read only");
      try {
        const names =
          chosen ?? (await transaction.all<{ name: string }>(allNames)).map(({ name }) => fromStoredText(name));
        for (const sync of names) yield* exportSync(transaction, sync);
        for (const table of stateTables)
          if (table.belongs === "none") yield* exportTable(transaction, table, null, null);
      } finally {
        await transaction.end("rollback");
      }
    },

    async importAll(pieces, { replace }) {
      const transaction = await session.begin("read committed");
      let how: "commit" | "rollback" = "rollback";
      try {
        const counts = await importPieces(transaction, pieces, { location: session.location, replace });
        how = "commit";
        return counts;
      } finally {
        await transaction.end(how);
      }
    },

    async forget(sync, key) {
      const nothing: Forgotten = { landed: false, parked: false, records: 0 };
      let found = nothing;
      await session.write({}, async ({ all, run }) => {
        const [row] = await all<SyncRow>(syncs.lockByName, [toStoredText(sync)]);
        if (row === undefined) return;
        const [time] = await all<{ now: number }>(syncs.clock);
        refuseWhileHeld(sync, row, time?.now ?? session.now());
        const holds = (batch: StoredBatch): boolean => {
          const held = holdsRow(batch, key);
          if (held === null) throw damagedState(session.location, `a batch of sync "${sync}" cannot be read`);
          return held;
        };
        if ((await all<StoredBatch>(batches.inOrder, [row.id])).some(holds)) throw stillUnderWay(sync, null);
        await run(batches.dropSilentEchoes, [row.id, session.now()]);
        for (const echo of await all<{ until: number; rows: Uint8Array }>(batches.echoes, [row.id]))
          if (holds({ rows: echo.rows, superseded: null })) throw stillUnderWay(sync, echo.until);
        const keys = [toIndexedText(key).text];
        const records = await run(transfer.dropRecordsOf, [row.id, keys]);
        const landed = await run(rows.dropLanded, [row.id, keys]);
        const parked = await run(rows.dropParked, [row.id, keys]);
        for (const sql of [deletions.dropSeen, deletions.dropGone]) await run(sql, [row.id, keys]);
        await run(syncs.countRows, [-landed, -parked, row.id]);
        // The work may be done twice, the second time in vain: what the first time found is the answer.
        if (found === nothing) found = { landed: landed > 0, parked: parked > 0, records };
      });
      return found;
    },
  };
}

/** Of all syncs of which anything is known. */
const allNames = `${[syncTable, ...stateTables]
  .filter(({ belongs }) => belongs === "name")
  .map(({ name }) => `select ${name === "sync" ? "name" : "sync"} as name from {schema}.${name}`)
  .join(" union ")} order by name`;

async function* exportSync(transaction: Transaction, sync: string): AsyncGenerator<StatePiece> {
  const name = toStoredText(sync);
  const [row] = await transaction.all<SyncRow>(syncs.byName, [name]);
  if (row !== undefined) {
    const values = Object.keys(syncTable.columns).map((column) => toValue(Reflect.get(row, column)));
    yield { table: "sync", sync, rows: [toStateRow(syncTable, values)] };
  }
  for (const table of stateTables) {
    if (table.belongs === "name") yield* exportTable(transaction, table, sync, name);
    if (table.belongs === "id" && row !== undefined) yield* exportTable(transaction, table, sync, row.id);
  }
}

async function* exportTable(
  transaction: Transaction,
  table: StateTable,
  sync: string | null,
  owner: string | number | null,
): AsyncGenerator<StatePiece> {
  const names = Object.keys(table.columns);
  const columns = Object.entries(table.columns).map(([name, { kind }]) =>
    kind === "name" ? `coalesce(whole_${name}, ${name}) as "${name}"` : `"${name}"`,
  );
  const where = owner === null ? "" : ` where ${ownerOf(table)} = $1`;
  const order = table.key.length === 0 ? "" : ` order by ${table.key.map((name) => `given."${name}"`).join(", ")}`;
  const select = `select ${columns.join(", ")} from {schema}.${table.name} as given${where}${order}`;
  await transaction.run(`declare piece no scroll cursor for ${select}`, owner === null ? [] : [owner]);
  // What is stored in bytes may be large.
  const fetched = names.includes("rows") || table.name === "receipt" ? 10 : pieceLimits.rows;
  let piece: StatePiece["rows"][number][] = [];
  let bytes = 0;
  for (;;) {
    const found = await transaction.all<Readonly<Record<string, unknown>>>(`fetch ${fetched} from piece`);
    for (const row of found) {
      const values = names.map((name) => toValue(row[name]));
      piece.push(toStateRow(table, values));
      bytes += sizeOf(values);
      if (piece.length < pieceLimits.rows && bytes < pieceLimits.bytes) continue;
      yield { table: table.name, sync, rows: piece };
      piece = [];
      bytes = 0;
    }
    if (found.length < fetched) break;
  }
  await transaction.run("close piece");
  if (piece.length > 0) yield { table: table.name, sync, rows: piece };
}

async function importPieces(
  transaction: Transaction,
  pieces: AsyncIterable<StatePiece>,
  { location, replace }: { readonly location: string; readonly replace: boolean },
): Promise<ImportCounts> {
  const { all, run } = transaction;
  // Nobody claims a sync meanwhile, and no run that is at work writes.
  await run("lock table {schema}.sync in exclusive mode");
  const stored = (await all<{ name: string }>(syncs.names)).map(({ name }) => fromStoredText(name));
  if (!replace && stored.length > 0) throw notEmpty(location, stored);
  const [time] = await all<{ now: number }>(syncs.clock);
  const ids = new Map<string, number>();
  const cleared = new Set<string>();
  const counts = { syncs: 0, landedRows: 0, parkedRows: 0, unsettledBatches: 0 };

  for await (const piece of pieces) {
    const table = tableOf(piece);
    const { sync } = piece;
    if (table === syncTable && sync !== null) {
      if (ids.has(sync) || piece.rows.length !== 1) throw disordered(sync);
      ids.set(sync, await importSync(transaction, sync, toCells(table, piece.rows[0] ?? {}), time?.now ?? 0));
      counts.syncs += 1;
      continue;
    }
    const owner = table.belongs === "id" && sync !== null ? ids.get(sync) : sync === null ? null : toStoredText(sync);
    if (owner === undefined) throw disordered(sync ?? "");
    if (table.belongs === "name" && replace && !cleared.has(`${table.name} ${sync}`)) {
      await run(`delete from {schema}.${table.name} where sync = $1`, [owner]);
      cleared.add(`${table.name} ${sync}`);
    }
    const given = piece.rows.map((row) => toCells(table, row));
    const added = await run(insertInto(table), [...(owner === null ? [] : [owner]), ...toColumns(table, given)]);
    if (table.belongs === "id" && added !== given.length) throw disordered(sync ?? "");
    if (table.name === "landed_row") counts.landedRows += given.length;
    if (table.name === "parked_row") counts.parkedRows += given.length;
    if (table.name === "batch") counts.unsettledBatches += given.length;
  }
  for (const id of ids.values()) await run(transfer.recount, [id]);
  return counts;
}

/** @returns the id under which its rows are stored. */
async function importSync(
  { all, run }: Transaction,
  sync: string,
  cells: readonly Cell[],
  now: number,
): Promise<number> {
  const name = toStoredText(sync);
  let [row] = await all<SyncRow>(syncs.byName, [name]);
  if (row === undefined) {
    await run(syncs.add, [name]);
    [row] = await all<SyncRow>(syncs.byName, [name]);
  } else {
    refuseWhileHeld(sync, row, now);
    for (const table of stateTables)
      if (table.belongs === "id") await run(`delete from {schema}.${table.name} where sync_id = $1`, [row.id]);
    await run(transfer.raiseFence, [row.id]);
  }
  const id = row?.id ?? 0;
  await run(transfer.setSync, [...cells, id]);
  return id;
}

function refuseWhileHeld(sync: string, row: SyncRow, now: number): void {
  const live = toLiveClaim({ holder: row.holder, until: row.held_until, ttl: row.held_ttl }, now);
  if (live !== null) throw atWork(sync, fromStoredText(live.holder));
}

const arrayTypes = { name: "text", text: "text", whole: "bigint", number: "float8", bytes: "bytea", flag: "boolean" };

/** Takes the owner, if there is one, and a list for each column; a column of kind `name` brings the whole of it behind it. */
function insertInto(table: StateTable): string {
  const owner = ownerOf(table);
  const columns = Object.entries(table.columns).flatMap(([name, { kind }]) =>
    [name, ...(kind === "name" ? [`whole_${name}`] : [])].map((column) => ({ name: column, type: arrayTypes[kind] })),
  );
  const first = owner === null ? 1 : 2;
  const lists = columns.map(({ type }, at) => `$${at + first}::${type}[]`);
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  const insert = `
    insert into {schema}.${table.name} as stored (${owner === null ? "" : `${owner}, `}${names})
    select ${owner === null ? "" : `$1${table.belongs === "id" ? "::integer" : ""}, `}${names}
    from unnest(${lists.join(", ")}) as given(${names})`;
  if (table.name !== "quota_usage") return `${insert} on conflict do nothing`;
  const counted = ["attempted", "accepted", "refused", "unknown", "provider_current", "provider_limit"];
  const larger = counted.map((name) => `${name} = greatest(stored.${name}, excluded.${name})`);
  return `${insert} on conflict (pace_key, month) do update set ${larger.join(", ")}`;
}

function toColumns(table: StateTable, given: readonly (readonly Cell[])[]): readonly unknown[] {
  return Object.values(table.columns).flatMap(({ kind }, at): unknown[] => {
    const cells = given.map((row) => row[at] ?? null);
    if (kind === "text") return [cells.map((cell) => (typeof cell === "string" ? toStoredText(cell) : cell))];
    if (kind !== "name") return [cells.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell) : cell))];
    const texts = cells.map((cell) => (typeof cell === "string" ? toIndexedText(cell) : null));
    return [texts.map((text) => text?.text ?? null), texts.map((text) => text?.whole ?? null)];
  });
}

function ownerOf(table: StateTable): string | null {
  return { id: "sync_id", name: "sync", none: null }[table.belongs];
}

/** A value as the driver gives it. */
function toValue(value: unknown): Cell {
  if (typeof value === "string") return fromStoredText(value);
  return typeof value === "number" || typeof value === "boolean" || value instanceof Uint8Array ? value : null;
}
