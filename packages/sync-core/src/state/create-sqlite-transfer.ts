import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { BugError } from "../contracts/errors.ts";
import type { Forgotten, ImportCounts, StatePiece, StateTransfer } from "../contracts/state-transfer.ts";
import { type Claim, toLiveClaim } from "./claim.ts";
import type { SqliteSession } from "./sqlite-session.ts";
import {
  type Cell,
  type ColumnKind,
  pieceLimits,
  sizeOf,
  type StateTable,
  stateTables,
  syncTable,
  tableOf,
  toCells,
  toStateRow,
} from "./state-tables.ts";
import { holdsRow, type StoredBatch } from "./stored-batch.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";
import { damagedState, toStateError } from "./to-state-error.ts";
import { atWork, disordered, notEmpty, stillUnderWay } from "./transfer-errors.ts";

/** The part of the store that moves everything at once, and that erases. */
export function createSqliteTransfer(session: SqliteSession): StateTransfer {
  const { location } = session;
  const inTransaction = async <T>(
    begin: string,
    readOnly: boolean,
    work: (db: DatabaseSync) => Promise<T>,
  ): Promise<T> => {
    const { db, close } = session.connect(readOnly);
    try {
      db.exec(begin);
      const result = await work(db);
      db.exec("commit");
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("rollback");
      throw toStateError(error, { location, opening: false });
    } finally {
      close();
    }
  };

  return {
    async *exportAll(syncs) {
      const { db, close } = session.connect(true);
      try {
        // One view of everything, whatever others write meanwhile. In memory there are no others.
        if (location !== ":memory:") db.exec("begin");
        for (const sync of syncs ?? namesIn(db)) {
          yield* exportSync(db, sync);
        }
        for (const table of stateTables) if (table.belongs === "none") yield* exportTable(db, table, null, null);
      } catch (error) {
        throw toStateError(error, { location, opening: false });
      } finally {
        close();
      }
    },

    importAll: (pieces, { replace }) =>
      inTransaction("begin immediate", false, (db) => importPieces(db, pieces, { session, replace })),

    async forget(name, key) {
      const forgotten = await session.write((statements): Forgotten => {
        const sync = statements.syncByName.get(name);
        if (sync === undefined) return { landed: false, parked: false, records: 0 };
        const now = session.now();
        const claim = { holder: sync.holder, until: sync.held_until, ttl: sync.held_ttl };
        const live = toLiveClaim(claim, now);
        if (live !== null) throw atWork(name, live.holder);
        const holds = (batch: StoredBatch): boolean => {
          const found = holdsRow(batch, key);
          if (found === null) throw damagedState(location, `a batch of sync "${name}" cannot be read`);
          return found;
        };
        if (statements.batchesInOrder.all(sync.id).some(holds)) throw stillUnderWay(name, null);
        statements.dropSilentEchoes.run(sync.id, now);
        for (const echo of statements.echoes.all(sync.id))
          if (holds({ rows: echo.rows, superseded: null })) throw stillUnderWay(name, echo.until);
        const stored = toStoredText(key);
        const records = statements.dropRecordOf.run(sync.id, sync.id, stored);
        const landed = statements.dropLanded.run(sync.id, stored);
        const parked = statements.dropParked.run(sync.id, stored);
        statements.dropSeen.run(sync.id, stored);
        statements.dropGone.run(sync.id, stored);
        statements.countRows.run(-landed, -parked, sync.id);
        return { landed: landed > 0, parked: parked > 0, records };
      });
      session.compact();
      return forgotten;
    },
  };
}

/** Names of all syncs of which anything is known. */
function namesIn(db: DatabaseSync): readonly string[] {
  const tables = [syncTable, ...stateTables].filter(({ belongs }) => belongs === "name");
  const selects = tables.map(({ name }) => `select ${name === "sync" ? "name" : "sync"} as name from "${name}"`);
  return db
    .prepare(`${selects.join(" union ")} order by name`)
    .all()
    .map(({ name }) => String(name));
}

function* exportSync(db: DatabaseSync, sync: string): Generator<StatePiece> {
  const row = db.prepare(`select id, ${columnsOf(syncTable)} from sync where name = ?`).get(sync);
  if (row !== undefined) yield { table: "sync", sync, rows: [toStateRow(syncTable, fromRow(syncTable, row))] };
  for (const table of stateTables) {
    if (table.belongs === "name") yield* exportTable(db, table, sync, sync);
    if (table.belongs === "id" && row !== undefined) yield* exportTable(db, table, sync, Number(row["id"]));
  }
}

function* exportTable(
  db: DatabaseSync,
  table: StateTable,
  sync: string | null,
  owner: string | number | null,
): Generator<StatePiece> {
  const where = owner === null ? "" : ` where ${table.belongs === "id" ? "sync_id" : "sync"} = ?`;
  const order = table.key.length === 0 ? "" : ` order by ${table.key.map(quote).join(", ")}`;
  const statement = db.prepare(`select ${columnsOf(table)} from "${table.name}"${where}${order}`);
  let rows: StatePiece["rows"][number][] = [];
  let bytes = 0;
  for (const row of owner === null ? statement.iterate() : statement.iterate(owner)) {
    const values = fromRow(table, row);
    rows.push(toStateRow(table, values));
    bytes += sizeOf(values);
    if (rows.length < pieceLimits.rows && bytes < pieceLimits.bytes) continue;
    yield { table: table.name, sync, rows };
    rows = [];
    bytes = 0;
  }
  if (rows.length > 0) yield { table: table.name, sync, rows };
}

async function importPieces(
  db: DatabaseSync,
  pieces: AsyncIterable<StatePiece>,
  { session, replace }: { readonly session: SqliteSession; readonly replace: boolean },
): Promise<ImportCounts> {
  const stored = db
    .prepare("select name from sync order by name")
    .all()
    .map(({ name }) => String(name));
  if (!replace && stored.length > 0) throw notEmpty(session.location, stored);
  const ids = new Map<string, number>();
  const cleared = new Set<string>();
  const counts = { syncs: 0, landedRows: 0, parkedRows: 0, unsettledBatches: 0 };

  for await (const piece of pieces) {
    const table = tableOf(piece);
    const { sync } = piece;
    if (table === syncTable && sync !== null) {
      if (ids.has(sync) || piece.rows.length !== 1) throw disordered(sync);
      ids.set(sync, importSync(db, sync, toCells(table, piece.rows[0] ?? {}), session));
      counts.syncs += 1;
      continue;
    }
    const owner = table.belongs === "id" && sync !== null ? ids.get(sync) : sync;
    if (owner === undefined) throw disordered(sync ?? "");
    if (table.belongs === "name" && replace && !cleared.has(`${table.name} ${sync}`)) {
      db.prepare(`delete from "${table.name}" where sync = ?`).run(sync);
      cleared.add(`${table.name} ${sync}`);
    }
    const insert = db.prepare(insertInto(table));
    for (const row of piece.rows) {
      const cells = toCells(table, row).map((cell, at) => toParameter(cell, Object.values(table.columns)[at]?.kind));
      const { changes } = insert.run(...(owner === null ? [] : [owner]), ...cells);
      if (table.belongs === "id" && Number(changes) !== 1) throw disordered(sync ?? "");
    }
    if (table.name === "landed_row") counts.landedRows += piece.rows.length;
    if (table.name === "parked_row") counts.parkedRows += piece.rows.length;
    if (table.name === "batch") counts.unsettledBatches += piece.rows.length;
  }
  const count = db.prepare(`
    update sync set landed_rows = (select count(*) from landed_row where sync_id = sync.id),
      parked_rows = (select count(*) from parked_row where sync_id = sync.id) where id = ?`);
  for (const id of ids.values()) count.run(id);
  return counts;
}

/** @returns the id under which its rows are stored. */
function importSync(db: DatabaseSync, name: string, cells: readonly Cell[], session: SqliteSession): number {
  const values = cells.map((cell) => toParameter(cell, "text"));
  const found = db.prepare("select * from sync where name = ?").get(name);
  if (found === undefined) {
    const added = db
      .prepare(
        `insert into sync (id, name, landed_rows, parked_rows, ${columnsOf(syncTable)})
         select coalesce(max(id), 0) + 1, ?, 0, 0, ?, ?, ?, ?, ? from sync returning id`,
      )
      .get(name, ...values);
    if (added === undefined) throw new BugError(`Sync "${name}" was not stored.`);
    return Number(added["id"]);
  }
  const live = toLiveClaim(toClaim(found), session.now());
  if (live !== null) throw atWork(name, live.holder);
  const id = Number(found["id"]);
  for (const table of stateTables)
    if (table.belongs === "id") db.prepare(`delete from "${table.name}" where sync_id = ?`).run(id);
  db.prepare(
    `update sync set fence = max(fence + 1, ?), cursor = ?, proved = ?, enumeration = ?, selection = ?,
       holder = null, held_until = null, held_ttl = null where id = ?`,
  ).run(...values, id);
  return id;
}

function insertInto(table: StateTable): string {
  const owner = { id: ["sync_id"], name: ["sync"], none: [] }[table.belongs];
  const columns = [...owner, ...Object.keys(table.columns).map(quote)];
  const insert = `insert into "${table.name}" (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`;
  if (table.name !== "quota_usage") return `${insert} on conflict do nothing`;
  const counted = ["attempted", "accepted", "refused", "unknown", "provider_current", "provider_limit"];
  const larger = counted.map(
    (name) => `${name} = max(coalesce(excluded.${name}, ${name}), coalesce(${name}, excluded.${name}))`,
  );
  return `${insert} on conflict (pace_key, month) do update set ${larger.join(", ")}`;
}

function columnsOf(table: StateTable): string {
  return Object.keys(table.columns).map(quote).join(", ");
}

function quote(name: string): string {
  return `"${name}"`;
}

function fromRow(table: StateTable, row: Readonly<Record<string, SQLOutputValue>>): readonly Cell[] {
  return Object.entries(table.columns).map(([name, { kind }]) => {
    const value = row[name] ?? null;
    if (kind === "flag") return value === 1;
    if (kind === "name" && typeof value === "string") return fromStoredText(value);
    return typeof value === "bigint" ? Number(value) : value;
  });
}

function toParameter(cell: Cell, kind: ColumnKind | undefined): string | number | Uint8Array | null {
  if (typeof cell === "boolean") return cell ? 1 : 0;
  return kind === "name" && typeof cell === "string" ? toStoredText(cell) : cell;
}

function toClaim(row: Readonly<Record<string, SQLOutputValue>>): Claim {
  const { holder, held_until: until, held_ttl: ttl } = row;
  return {
    holder: typeof holder === "string" ? holder : null,
    until: typeof until === "number" ? until : null,
    ttl: typeof ttl === "number" ? ttl : null,
  };
}
