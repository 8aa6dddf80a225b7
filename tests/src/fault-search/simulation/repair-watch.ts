import type { Service } from "./service.ts";
import type { World } from "./world.ts";

/** Watches what repairs have found: from there on it is theirs that the record is as its row, or the row parked, whatever becomes of them. */
export interface RepairWatch {
  onDistrusted(keys: readonly string[], service: Service): void;
  /** Whether a repair has ever found something wrong with this row. */
  hasFound(key: string): boolean;
  /** Whether somebody has changed the record since, so that nobody can know what it should hold. */
  excuses(key: string, record: string, service: Service): boolean;
}

export function createRepairWatch({ clock, scenario }: World): RepairWatch {
  const foundAt = new Map<string, number>();
  return {
    onDistrusted(keys, { repeats }) {
      for (const key of keys) foundAt.set(key, clock.now());
      repeats.allow(keys.length);
    },
    hasFound: (key) => foundAt.has(key),
    excuses(key, record, service) {
      return scenario.repairs > 0 && service.meddledAtMs(record) > (foundAt.get(key) ?? 0);
    },
  };
}
