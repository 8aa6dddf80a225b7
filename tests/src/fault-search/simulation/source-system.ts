import type { Json } from "@acme/sync-core";
import type { Dice } from "./dice.ts";
import { expectedOf } from "./expected.ts";
import { type ColumnName, POISON, type SourceRow } from "./source-row.ts";
import { unaborted, type World } from "./world.ts";

/**
 * A table with writers. A version's stamp is the moment its transaction began, and it becomes visible when that commits: later
 * versions may carry earlier stamps, and many rows the same one.
 */
export interface SourceSystem {
  rows(): readonly SourceRow[];
  row(key: string): SourceRow | null;
  /** Stamps at or above it may still get rows. */
  horizon(): number;
  /** A column that is gone for the moment; null: the table is as it should be. */
  missing(): ColumnName | null;
  changeSchema(missing: ColumnName | null): void;
  /** Writes until the storm is over. */
  write(): Promise<void>;
  /** Every version ever committed, oldest first. */
  history(): readonly SourceRow[];
  /** The rows that ever wrote a record. Where there are several, what it should hold depends on who was read last. */
  owners(record: string): ReadonlySet<string>;
  /** True when a record had several rows, or one that was another record at times: sending it again may be right. */
  isContested(record: string): boolean;
}

const names: readonly [Json, ...Json[]] = ["Ada", "Björn", "Chloé", "Ada Lovelace", "", null];
const cities: readonly [Json, ...Json[]] = ["Oslo", " Oslo ", "Rome", null];
const texts: readonly [Json, ...Json[]] = ["Likes tea.", "Likes coffee.", "Asked for a call. Twice.", "", null];

export function createSourceSystem(world: World): SourceSystem {
  const { clock, timeline } = world;
  const { source: scenario } = world.scenario;
  const dice = world.dice("writers");
  const table = new Map<string, SourceRow>();
  const history: SourceRow[] = [];
  const owners = new Map<string, Set<string>>();
  const records = new Map<string, Set<string>>();
  const open = new Set<{ readonly stamp: number }>();
  let missing: ColumnName | null = null;
  let keys = 0;

  const tick = (): number => Math.floor(clock.now() / scenario.tickMs) * scenario.tickMs;

  function commit(key: string, columns: SourceRow["columns"], stamp: number): void {
    const row = { key, version: history.length + 1, stamp, columns };
    table.set(key, row);
    history.push(row);
    const record = expectedOf(row)?.record;
    if (record !== undefined) {
      addTo(owners, record, key);
      addTo(records, key, record);
    }
    timeline.note("source", () => `${key} becomes v${row.version} (stamp ${stamp}) ${JSON.stringify(columns)}`);
  }

  function insert(stamp: number): void {
    keys += 1;
    const key = `k${dice.int(0, 999)}-${keys}`;
    commit(key, newColumns(keys), stamp);
  }

  function newColumns(number: number): SourceRow["columns"] {
    return {
      email: newEmail(number),
      name: dice.pick(names),
      city: dice.pick(cities),
      score: dice.int(0, 3),
      notes: dice.pick(texts),
      bio: dice.pick(texts),
      active: dice.chance(0.9),
      phone: dice.int(0, 9),
    };
  }

  function newEmail(number: number): string | null {
    if (dice.chance(0.04)) return null;
    if (scenario.sharedIdentities && dice.chance(0.3)) return dice.pick(["Both@example.org", "both@example.org "]);
    return dice.chance(0.2) ? `Person${number}@Example.org` : `person${number}@example.org`;
  }

  function change(row: SourceRow, stamp: number): void {
    const before = history.filter((each) => each.key === row.key && each.version < row.version).at(-1);
    if (before !== undefined && dice.chance(0.3)) {
      commit(row.key, before.columns, stamp);
      return;
    }
    const columns = { ...row.columns };
    for (let changes = dice.int(1, 2); changes > 0; changes -= 1) changeOne(columns, row.key, dice);
    commit(row.key, columns, stamp);
  }

  function changeOne(columns: Record<ColumnName, Json>, key: string, chance: Dice): void {
    const column = chance.pick(["name", "name", "city", "score", "notes", "bio", "active", "phone", "email"]);
    if (column === "name") columns.name = scenario.poison && chance.chance(0.2) ? POISON : chance.pick(names);
    else if (column === "city") columns.city = chance.pick(cities);
    else if (column === "score") columns.score = chance.int(0, 3);
    else if (column === "notes") columns.notes = chance.pick(texts);
    else if (column === "bio") columns.bio = chance.pick(texts);
    else if (column === "active") columns.active = chance.chance(0.7);
    else if (column === "phone") columns.phone = chance.int(0, 9);
    else if (scenario.identityChanges)
      columns.email = chance.chance(0.3) ? null : `${key}.${chance.int(1, 3)}@example.org`;
  }

  async function transact(): Promise<void> {
    const transaction = { stamp: tick() };
    open.add(transaction);
    const openMs = dice.around(scenario.openMs);
    const inserts = dice.chance(0.15) ? 1 : 0;
    const changes = dice.int(1, scenario.rowsATransaction);
    await clock.sleep(openMs, unaborted);
    for (let count = inserts; count > 0; count -= 1) insert(transaction.stamp);
    for (let count = changes; count > 0; count -= 1) {
      const row = [...table.values()][dice.int(0, table.size - 1)];
      if (row === undefined) continue;
      if (dice.chance(0.02)) {
        table.delete(row.key);
        timeline.note("source", () => `${row.key} is deleted`);
      } else change(row, transaction.stamp);
    }
    open.delete(transaction);
  }

  for (let row = 0; row < scenario.rows; row += 1) insert(tick() - scenario.tickMs * dice.int(1, 4));

  return {
    rows: () => [...table.values()],
    row: (key) => table.get(key) ?? null,
    horizon: () => Math.min(tick(), ...[...open].map(({ stamp }) => stamp)),
    missing: () => missing,
    changeSchema(gone) {
      missing = gone;
      timeline.note("source", () => (gone === null ? "all columns are back" : `column ${gone} is gone`));
    },
    async write() {
      const under: Promise<void>[] = [];
      for (;;) {
        await clock.sleep(dice.around(scenario.writeEveryMs), unaborted);
        if (!world.isStormy()) break;
        under.push(transact());
      }
      await Promise.all(under);
    },
    history: () => history,
    owners: (record) => owners.get(record) ?? new Set(),
    isContested(record) {
      const keysOfRecord = owners.get(record) ?? new Set<string>();
      return keysOfRecord.size > 1 || [...keysOfRecord].some((key) => (records.get(key)?.size ?? 0) > 1);
    },
  };
}

function addTo(sets: Map<string, Set<string>>, name: string, member: string): void {
  const set = sets.get(name) ?? new Set();
  sets.set(name, set);
  set.add(member);
}
