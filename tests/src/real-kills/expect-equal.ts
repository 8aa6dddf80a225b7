import { expect } from "vitest";
import type { World } from "../support/world.ts";

/**
 * Lands whatever is still on its way, then compares every row that has an identity with its record: each mapped value, and
 * that each sentence of its text is among the memories.
 */
export async function expectDestinationEqualsSource(world: World): Promise<void> {
  const { control } = world.api;
  control.settleAll();
  const rows = await world.database.query(
    "select region, no, email, city, amount::text as amount, notes from people where email is not null order by email",
  );
  const expected = rows.map(({ email, city, amount, notes }) => ({ email, city, amount, notes }));
  const actual = rows.map(({ email }) => {
    const record = control.record({ type: "contact", email: email ?? "" });
    if (record === undefined) return { email, missing: true };
    const { city = null, lifetime_value: amount = null, notes = null } = record.values;
    return { email, city, amount, notes };
  });
  expect(actual).toEqual(expected);
  for (const { email, notes } of rows) {
    const memories = control.record({ type: "contact", email: email ?? "" })?.memories ?? [];
    for (const sentence of notes?.match(/[^.]+\./g) ?? []) expect(memories, email ?? "").toContain(sentence.trim());
  }
}

/** Runs `sync` until it is done, a few times at most. */
export async function syncToTheEnd(world: World, maxRuns: number): Promise<void> {
  const ends: string[] = [];
  for (let run = 0; run < maxRuns; run += 1) {
    const { code, out, err } = await world.run("sync");
    if (code === 0 || code === 4) return;
    ends.push(`exit code ${code}\n${out}${err}`);
  }
  throw new Error(`sync did not come to its end in ${maxRuns} runs:\n${ends.join("\n")}`);
}
