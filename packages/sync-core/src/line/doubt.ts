import type { KnownRow } from "../contracts/state.ts";
import { blur } from "./blur.ts";

/** What is stored for these row keys. */
export type Known = (keys: readonly string[]) => Promise<ReadonlyMap<string, KnownRow>>;

interface SentRow {
  readonly key: string;
  readonly digest: Uint8Array;
}

/**
 * What is to be remembered of rows that left and may have landed, or not: what the version that landed before and this one
 * have in common. Otherwise a row that goes back to the version before would seem to be there.
 */
export async function doubt(rows: readonly SentRow[], known: Known): Promise<SentRow[]> {
  if (rows.length === 0) return [];
  const before = await known(rows.map((row) => row.key));
  return rows.map(({ key, digest }) => ({ key, digest: blur(before.get(key)?.landed ?? null, digest) }));
}
