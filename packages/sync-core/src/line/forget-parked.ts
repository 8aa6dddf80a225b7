import type { KnownRow } from "../contracts/state.ts";

/** What is known of rows, as if none of them had ever been parked. Pure. */
export function forgetParked(known: ReadonlyMap<string, KnownRow>): ReadonlyMap<string, KnownRow> {
  return new Map([...known].map(([key, row]) => [key, { ...row, parked: null }]));
}
