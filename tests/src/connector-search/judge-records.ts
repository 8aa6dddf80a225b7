import type { Json } from "@acme/sync-core";
import type { FakeDestination } from "../../../packages/sync-core/src/line/__fixtures__/fake-destination.ts";
import type { World } from "../fault-search/simulation/world.ts";
import { differences } from "./differences.ts";
import type { Excuses } from "./run-world.ts";

/** What a record should hold in the end. */
export interface ExpectedRecord {
  readonly id: string;
  readonly values: Readonly<Record<string, Json>>;
}

/**
 * In the end: the destination holds what the source holds, and, where the sync deletes, nothing else.
 * @param place what the source is called: nobody in it has a record that stays.
 */
export function judgeRecords(
  world: World,
  { deletes, reconciles }: { readonly deletes: boolean; readonly reconciles: boolean },
  expected: ReadonlyMap<string, ExpectedRecord>,
  destination: FakeDestination,
  { inDoubt, deletesNothingYet }: Excuses,
  place: string,
): void {
  const stored = destination.stored();
  for (const [record, { id, values }] of expected) {
    const held = stored.get(record);
    if (held === undefined) world.problem(`In the end ${record} (${id}) is missing`);
    else
      for (const difference of differences(values, held)) world.problem(`In the end ${record} (${id}) ${difference}`);
  }
  // Where everything is read again now and then, this does not last.
  if (!deletes || (deletesNothingYet && !reconciles)) return;
  for (const record of stored.keys()) {
    if (!expected.has(record) && !inDoubt.has(record))
      world.problem(`In the end ${record} is still there, and nobody in the ${place} has it`);
  }
}
