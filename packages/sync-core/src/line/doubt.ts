import type { KnownRow, LandedRow } from "../contracts/state.ts";
import { blur } from "./blur.ts";

/** What is stored for these row keys. */
export type Known = (keys: readonly string[]) => Promise<ReadonlyMap<string, KnownRow>>;

/**
 * What is to be remembered of rows that left and may have landed, or not: what the version that landed before and this one
 * have in common. Otherwise a row that goes back to the version before would seem to be there.
 */
export async function doubt(rows: readonly LandedRow[], known: Known): Promise<LandedRow[]> {
  if (rows.length === 0) return [];
  const before = await known(rows.map((row) => row.key));
  return rows.map((row) => ({ ...row, digest: blur(before.get(row.key)?.landed ?? null, row.digest) }));
}
