import type { Cursor, StoredParkedRow } from "@acme/sync-core";
import { sameRecord } from "./compare.ts";
import { expectedOf } from "./expected.ts";
import type { SourceRow } from "./source-row.ts";
import { SYNC, type WorkerPorts } from "./worker-ports.ts";

/** Watches one run: whenever its checkpoint moves, everything it passes must have landed or be parked. */
export interface CheckpointWatch {
  onPage(rows: readonly SourceRow[], cursor: Cursor): void;
  onCheckpoint(cursor: Cursor): Promise<void>;
}

export function createCheckpointWatch(ports: WorkerPorts, name: string): CheckpointWatch {
  const { world, store, system, service, repairWatch } = ports;
  const pages: { readonly rows: readonly SourceRow[]; readonly cursor: string }[] = [];
  let passed = 0;

  function check(row: SourceRow, landed: boolean, parked: StoredParkedRow | undefined): void {
    const expected = expectedOf(row);
    const what = `${name} moved its checkpoint past ${row.key} v${row.version}`;
    if (expected === null) {
      if (row.deleted === true) return;
      if (row.columns.active === true && parked === undefined)
        world.problem(`${what}, which has no identity and is not parked`);
      return;
    }
    if (parked !== undefined) {
      if (parked.code !== "NO_IDENTITY" && !service.refused().has(expected.record) && !repairWatch.hasFound(row.key))
        world.problem(`${what}, which is parked (${parked.code}) although the service never refused it`);
      return;
    }
    if (!landed) world.problem(`${what}, which has neither landed nor been parked as far as the state knows`);
    if (system.owners(expected.record).size > 1 || repairWatch.excuses(row.key, expected.record, service)) return;
    const difference = sameRecord(expected, service.record(expected.record));
    if (difference !== null) world.problem(`${what}, but ${difference}`);
  }

  return {
    onPage(rows, cursor) {
      world.timeline.note(
        name,
        () =>
          `reads ${rows.map((row) => `${row.key} v${row.version}`).join(", ") || "nothing"} up to ${JSON.stringify(cursor)}`,
      );
      pages.push({ rows, cursor: JSON.stringify(cursor) });
    },
    async onCheckpoint(cursor) {
      const text = JSON.stringify(cursor);
      const page = pages.findIndex((each, index) => index >= passed && each.cursor === text);
      if (page < 0) {
        world.problem(`${name} moved its checkpoint to ${text}, which is not where one of its next pages ends`);
        return;
      }
      // A version that was replaced meanwhile will be read again.
      const rows = pages
        .slice(passed, page + 1)
        .flatMap((each) => each.rows)
        .filter((row) => system.row(row.key)?.version === row.version);
      passed = page + 1;
      if (rows.length === 0) return;
      const keys = rows.map((row) => row.key);
      const known = await store.known(SYNC, keys);
      const parked = new Map((await store.parked(SYNC, Number.POSITIVE_INFINITY)).map((each) => [each.key, each]));
      for (const row of rows) check(row, known.get(row.key)?.landed != null, parked.get(row.key));
    },
  };
}
