import type { StoredRecord } from "./records.ts";
import type { Service } from "./service.ts";
import type { SourceSystem } from "./source-system.ts";
import type { World } from "./world.ts";

/** Watches which records are deleted: none that has a row, none that the sync did not write, and in the end all that have lost theirs. */
export interface DeletionWatch {
  /** The state takes a row to have landed in a record. @param remembered as the state keeps it. */
  onLanded(key: string, remembered: string): void;
  /** The state forgets rows that are gone. */
  onLeft(keys: readonly string[], service: Service): void;
  /** The service deletes a record. */
  onDeleted(record: string, stored: StoredRecord): void;
  /** What should be gone when the dust has settled, and everything was read once more since. */
  judgeEnd(service: Service): void;
}

export function createDeletionWatch(world: World, system: SourceSystem): DeletionWatch {
  const { clock } = world;
  /** Row → the record that it landed in last. */
  const landed = new Map<string, { readonly record: string; readonly atMs: number }>();
  /** Record → when a row was last known to have landed in it. */
  const confirmed = new Map<string, number>();

  return {
    onLanded(key, remembered) {
      const record = toRecord(remembered);
      landed.set(key, { record, atMs: clock.now() });
      confirmed.set(record, clock.now());
    },

    onLeft(keys, { repeats }) {
      for (const key of keys) {
        const record = landed.get(key)?.record;
        if (record !== undefined) repeats.forget(record);
      }
    },

    onDeleted(record, { isOurs }) {
      if (world.scenario.deletions === null) world.problem(`${record} was deleted, and nobody asked for it`);
      if (!isOurs) world.problem(`${record} was deleted, although no row has ever landed in it`);
      for (const [key, { record: own, atMs }] of landed) {
        const part = system.partOf(key);
        // A row that was gone, or part of another record, since it landed is one that came back: it is going to be sent anew.
        if (own === record && part !== null && part.record === record && part.sinceMs <= atMs)
          world.problem(`${record} was deleted, although ${key} has been there all the time`);
      }
    },

    judgeEnd(service) {
      const present = new Set(system.rows().flatMap(({ key }) => system.partOf(key)?.record ?? []));
      const keys = new Set(system.rows().map(({ key }) => key));
      const held = new Set([...landed].flatMap(([key, { record }]) => (keys.has(key) ? [record] : [])));
      for (const [record, atMs] of confirmed) {
        // Of a copy that was taken later, nobody may know whose it was.
        if (present.has(record) || held.has(record) || service.lastAcceptedMs(record) > atMs) continue;
        if (service.record(record) !== null)
          world.problem(`In the end ${record} is still there, although every row of it is gone`);
      }
    },
  };
}

/** The identity out of what the state remembers of a record. */
function toRecord(remembered: string): string {
  const [, , , value]: readonly string[] = JSON.parse(remembered);
  return value ?? "";
}
