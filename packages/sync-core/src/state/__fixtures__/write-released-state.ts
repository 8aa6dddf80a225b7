/**
 * Writes down how this version keeps a state, before it is released:
 *
 *     node --conditions=@acme/source src/state/__fixtures__/write-released-state.ts 0.1.0
 *
 * `released/VERSION.sql` is the file as SQL, `released/VERSION.json` what an export of it gives. Later versions open the one and have to
 * give the other (`released-states.test.ts`), so neither is ever edited or written again.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { SyncState } from "../../contracts/state.ts";
import type { Receipt } from "../../contracts/receipt.ts";
import { openSqliteState } from "../open-sqlite-state.ts";
import { readPragma } from "../read-pragma.ts";
import { rowsOf, toBatch, toDigest } from "../../testing/state-rows.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const [, , version] = process.argv;
if (version === undefined) throw new Error("name the version");

const folder = mkdtempSync(join(tmpdir(), "released-state-"));
const file = join(folder, "state.db");
const into = new URL("released/", import.meta.url);

try {
  const store = await openSqliteState({ file, now: () => NOW });
  const claim = async (sync: string): Promise<SyncState> => {
    const state = await store.claim(sync, "a host, process 1", 60_000);
    if (state === null) throw new Error(`${sync} is held`);
    return state;
  };

  const customers = await claim("customers");
  await customers.writeDown([toBatch("landed", ["1", "2", "Zoë 🙂", "nul\0"])], []);
  await customers.settle({
    batchId: "landed",
    landed: rowsOf("1", "2", "Zoë 🙂", "nul\0"),
    parked: [],
    replacedBy: [],
  });
  const parked = { key: "3", code: "REFUSED", reason: "email is no address", digest: toDigest("3") };
  await customers.writeDown([toBatch("sent", ["4"]), toBatch("waiting", ["5", "6"])], [parked]);
  await customers.markSent("sent");
  await customers.markAccepted("sent", "evt_1", NOW + 600_000);
  await customers.writeDown([toBatch("echoing", ["7"])], []);
  await customers.settle({
    batchId: "echoing",
    landed: rowsOf("7"),
    parked: [],
    replacedBy: [],
    echoUntilMs: NOW + 600_000,
  });
  await customers.checkpoint(
    { value: "2026-11-28T11:00:00Z", key: "2" },
    { field: "updated_at", after: null, through: "2026-11-28T11:00:00Z" },
  );
  await customers.saveReceipt(receiptOf("customers"));
  await customers.release();

  const deals = await claim("deals");
  await deals.writeDown([toBatch("deals", ["d1", "d2"])], []);
  const landed = rowsOf("d1", "d2").map((row) => ({ ...row, identity: `recordId:${row.key}` }));
  await deals.settle({ batchId: "deals", landed, parked: [], replacedBy: [] });
  await deals.checkpoint(
    "end",
    { field: null, after: null, through: null },
    { begins: "a selection", seen: ["d1"], gone: ["d2"], identities: [] },
  );
  await deals.completeEnumeration();
  await deals.release();

  await store.addUsage("a key", "2026-11", {
    attempted: 10,
    accepted: 8,
    refused: 1,
    unknown: 1,
    providerCurrent: 9,
    providerLimit: 10_000,
  });
  await store.reserve("a key", 3, { unitsPerMinute: 60, burstUnits: 1 });

  const pieces = [];
  for await (const piece of store.exportAll(null)) pieces.push(piece);
  await store.close();

  const db = new DatabaseSync(file, { readOnly: true });
  writeFileSync(new URL(`${version}.sql`, into), dump(db), { flag: "wx" });
  db.close();
  writeFileSync(new URL(`${version}.json`, into), `${JSON.stringify(pieces, null, 2)}\n`, { flag: "wx" });
} finally {
  rmSync(folder, { recursive: true });
}

/** The whole database as statements. */
function dump(db: DatabaseSync): string {
  const lines = [
    `pragma application_id = ${readPragma(db, "application_id")};`,
    `pragma user_version = ${readPragma(db, "user_version")};`,
  ];
  const objects = db
    .prepare(
      "select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by rowid",
    )
    .all();
  for (const { sql } of objects) lines.push(`${String(sql)};`);
  for (const { type, name } of objects) {
    if (type !== "table") continue;
    for (const row of db.prepare(`select * from "${String(name)}"`).all()) {
      lines.push(
        `insert into "${String(name)}" (${Object.keys(row).join(", ")}) values (${Object.values(row).map(literal).join(", ")});`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

function literal(value: SQLOutputValue): string {
  if (value === null) return "null";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  // As bytes: what a text holds must not be read as part of the statement.
  if (typeof value === "string") return `cast(x'${Buffer.from(value).toString("hex")}' as text)`;
  return `x'${Buffer.from(value).toString("hex")}'`;
}

function receiptOf(sync: string): Receipt {
  const zero = {
    read: 0,
    unchanged: 0,
    filtered: 0,
    superseded: 0,
    parked: 0,
    unsent: 0,
    sent: 0,
    landed: 0,
    refused: 0,
    deleted: 0,
  };
  return {
    sync,
    runId: "run-1",
    startedAt: "2026-11-28T11:59:00.000Z",
    finishedAt: "2026-11-28T12:00:00.000Z",
    outcome: "done-with-parked",
    exitCode: 4,
    message: "done, with parked rows",
    hint: null,
    landingMs: 1000,
    versions: { core: "0.1.0", connector: "0.1.0", sdk: "0.18.0" },
    configDigest: "digest",
    organizationId: "org",
    proved: null,
    rows: { ...zero, read: 7, sent: 6, landed: 5, parked: 1 },
    calls: 3,
    units: 9,
    waitedMs: {},
    aiCharacters: 0,
    cursorBefore: null,
    cursorAfter: { value: "2026-11-28T11:00:00Z", key: "2" },
    previousReceipt: null,
  };
}
