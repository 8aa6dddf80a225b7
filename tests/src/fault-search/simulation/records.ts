import type { Json } from "@acme/sync-core";
import type { World } from "./world.ts";

/** What the service stores under one identity. */
export interface StoredRecord {
  readonly id: string;
  /** Property → value, as the last landing left it. */
  readonly values: Map<string, Json>;
  /** Property → text that was last handed over for extraction. */
  readonly texts: Map<string, Json>;
  /** True once one of our batches has landed in it. */
  isOurs: boolean;
}

export interface Written {
  readonly property: string;
  readonly value: Json;
  readonly extract: boolean;
}

/** The service's records by identity. One that is written after it was deleted gets an id of its own, and its old values or none. */
export interface Records {
  write(record: string, values: readonly Written[]): void;
  /** As searches saw it at `at`; null: not there. */
  find(record: string, at: number): Pick<StoredRecord, "id" | "values"> | null;
  /** @returns the identity of the record that is gone now; null: there was none. */
  remove(recordId: string, onDeleted: (record: string, stored: StoredRecord) => void): string | null;
  /** Somebody else changes the record. */
  meddle(record: string, property: string): void;
  all(): ReadonlyMap<string, StoredRecord>;
}

export const STRANGER = "Somebody else's";

export function createRecords(world: World): Records {
  const { clock, scenario } = world;
  const records = new Map<string, StoredRecord>();
  /** Earlier looks of records, where searches lag behind. */
  const looks = new Map<
    string,
    { readonly at: number; readonly id: string; readonly values: StoredRecord["values"] | null }[]
  >();
  const lags = scenario.service.searchLagMs > 0;
  const deleted = new Map<string, StoredRecord>();
  let ids = 0;

  function create(record: string): StoredRecord {
    ids += 1;
    const before = scenario.deletions?.recordsComeBack === true ? deleted.get(record) : undefined;
    const created = { id: `rec-${ids}`, values: new Map(before?.values), texts: new Map(before?.texts), isOurs: false };
    records.set(record, created);
    return created;
  }

  for (let stranger = 1; stranger <= (scenario.deletions?.strangers ?? 0); stranger += 1)
    create(`person${3 * stranger}@example.org`).values.set("first_name", STRANGER);

  function show(record: string, id: string, values: StoredRecord["values"] | null): void {
    if (!lags) return;
    const list = looks.get(record) ?? [];
    looks.set(record, list);
    list.push({ at: clock.now(), id, values: values === null ? null : new Map(values) });
  }

  return {
    write(record, values) {
      const found = records.get(record) ?? create(record);
      found.isOurs = true;
      for (const { property, value, extract } of values) {
        found.values.set(property, value);
        if (extract) found.texts.set(property, value);
      }
      show(record, found.id, found.values);
    },
    find(record, at) {
      if (!lags) return records.get(record) ?? null;
      const look = looks.get(record)?.findLast((each) => each.at <= at);
      if (look === undefined || look.values === null) return null;
      // An identity has one id for good; that of a record which came back is another one here for the sake of late deletions only.
      return { id: records.get(record)?.id ?? look.id, values: look.values };
    },
    remove(recordId, onDeleted) {
      for (const [record, stored] of records) {
        if (stored.id !== recordId) continue;
        records.delete(record);
        deleted.set(record, stored);
        show(record, stored.id, null);
        onDeleted(record, stored);
        return record;
      }
      return null;
    },
    meddle(record, property) {
      const found = records.get(record);
      if (found === undefined) return;
      found.values.set(property, STRANGER);
      show(record, found.id, found.values);
    },
    all: () => records,
  };
}
