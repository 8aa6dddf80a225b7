import type { Json } from "@acme/sync-core";
import type { Dice } from "./dice.ts";
import { expectedOf, recordOf } from "./expected.ts";
import { type ColumnName, POISON, type SourceRow } from "./source-row.ts";
import { unaborted, type World } from "./world.ts";

/**
 * A table with writers. A version's stamp is the moment its transaction began, and it becomes visible when that commits: later
 * versions may carry earlier stamps, and many rows the same one.
 */
export interface SourceSystem {
  /** The rows that there are. */
  rows(): readonly SourceRow[];
  row(key: string): SourceRow | null;
  /** What a reading shows, versions that say that their row is gone among them; and what a question by key finds. */
  shown(): readonly SourceRow[];
  found(keys: readonly string[]): readonly SourceRow[];
  hidesAny(): boolean;
  /** What is hidden, as text. */
  hiddenNow(): string;
  /**
   * What readings and questions leave out from now on; null: nothing.
   * @param alsoByKey false: questions by key find it.
   */
  hide(what: "everything" | readonly string[] | null, alsoByKey: boolean): void;
  /** Since when a row has been part of the record that it is part of; null: it is gone, or part of none. */
  partOf(key: string): { readonly record: string; readonly sinceMs: number } | null;
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
  const { source: scenario, deletions } = world.scenario;
  const dice = world.dice("writers");
  const table = new Map<string, SourceRow>();
  const history: SourceRow[] = [];
  const owners = new Map<string, Set<string>>();
  const records = new Map<string, Set<string>>();
  const open = new Set<{ readonly stamp: number }>();
  /** Rows that are gone, as they were. */
  const gone = new Map<string, SourceRow>();
  const parts = new Map<string, { readonly record: string; readonly sinceMs: number }>();
  let missing: ColumnName | null = null;
  let hidden: ReadonlySet<string> | "everything" = new Set();
  let hiddenByKey = false;
  let keys = 0;

  const tick = (): number => Math.floor(clock.now() / scenario.tickMs) * scenario.tickMs;

  function commit(key: string, columns: SourceRow["columns"], stamp: number): void {
    const row = { key, version: history.length + 1, stamp, columns };
    table.set(key, row);
    history.push(row);
    gone.delete(key);
    noteRecord(row);
    const record = expectedOf(row)?.record;
    if (record !== undefined) {
      addTo(owners, record, key);
      addTo(records, key, record);
    }
    timeline.note("source", () => `${key} becomes v${row.version} (stamp ${stamp}) ${JSON.stringify(columns)}`);
  }

  function noteRecord(row: SourceRow): void {
    const record = recordOf(row);
    if (record === null) parts.delete(row.key);
    else if (parts.get(row.key)?.record !== record) parts.set(row.key, { record, sinceMs: clock.now() });
  }

  function remove(row: SourceRow, stamp: number): void {
    gone.set(row.key, row);
    parts.delete(row.key);
    const isMarked = deletions !== null && (deletions.how === "both" ? dice.chance(0.5) : deletions.how === "marked");
    if (isMarked) {
      const version = history.length + 1;
      const marked = { ...row, version, stamp, deleted: true } as const;
      table.set(row.key, marked);
      history.push(marked);
    } else table.delete(row.key);
    timeline.note("source", () => `${row.key} is deleted${isMarked ? ", and says so" : ""}`);
  }

  /** A row that was gone, as it was or as somebody writes it anew. */
  function comeBack(stamp: number): boolean {
    const back = [...gone.values()][dice.int(0, Math.max(0, gone.size - 1))];
    if (back === undefined) return false;
    const { email } = back.columns;
    commit(back.key, dice.chance(0.5) ? back.columns : { ...newColumns(0), email, active: true }, stamp);
    return true;
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
    const inserts = dice.chance(deletions === null ? 0.15 : 0.5) ? 1 : 0;
    const changes = dice.int(1, scenario.rowsATransaction);
    await clock.sleep(openMs, unaborted);
    for (let count = inserts; count > 0; count -= 1) {
      const comesBack = deletions !== null && dice.chance(deletions.rowsComeBack);
      if (!comesBack || !comeBack(transaction.stamp)) insert(transaction.stamp);
    }
    for (let count = changes; count > 0; count -= 1) {
      const row = [...table.values()][dice.int(0, table.size - 1)];
      if (row === undefined || row.deleted === true) continue;
      if (dice.chance(deletions?.rowsGo ?? 0.02)) {
        // A sync that deletes takes an empty table for a mistake.
        if (deletions === null || existing().length > 1) remove(row, transaction.stamp);
      } else change(row, transaction.stamp);
    }
    open.delete(transaction);
  }

  const hides = (key: string): boolean => hidden === "everything" || hidden.has(key);
  const existing = (): SourceRow[] => [...table.values()].filter(({ deleted }) => deleted !== true);

  for (let row = 0; row < scenario.rows; row += 1) insert(tick() - scenario.tickMs * dice.int(1, 4));

  return {
    rows: existing,
    row: (key) => table.get(key) ?? null,
    shown: () => [...table.values()].filter(({ key }) => !hides(key)),
    found: (asked) => existing().filter(({ key }) => asked.includes(key) && !(hiddenByKey && hides(key))),
    hidesAny: () => hidden === "everything" || hidden.size > 0,
    hiddenNow: () => (hidden === "everything" ? hidden : [...hidden].join(" ")),
    hide(what, alsoByKey) {
      hidden = what === "everything" ? what : new Set(what);
      hiddenByKey = alsoByKey;
      const named = what === null ? "nothing any more" : what === "everything" ? what : what.join(" ");
      timeline.note("source", () => `hides ${named}${alsoByKey ? ", by key, too" : ""}`);
    },
    partOf: (key) => parts.get(key) ?? null,
    horizon: () => Math.min(tick(), ...[...open].map(({ stamp }) => stamp)),
    missing: () => missing,
    changeSchema(column) {
      missing = column;
      timeline.note("source", () => (column === null ? "all columns are back" : `column ${column} is gone`));
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
