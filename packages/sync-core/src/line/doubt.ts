import type { ParkedRow } from "../contracts/line.ts";
import type { KnownRow, LandedRow } from "../contracts/state.ts";
import { blur } from "./blur.ts";

/** What is stored for these row keys. */
export type Known = (keys: readonly string[]) => Promise<ReadonlyMap<string, KnownRow>>;

/** How rows that left and may have landed, or not, are settled. */
export interface Doubt {
  /**
   * What is to be remembered of them: what the version that landed before and this one have in common. Otherwise a row that goes
   * back to the version before would seem to be there.
   */
  readonly landed: readonly LandedRow[];
  /** Those that were parked stay so: the checkpoint may have passed them long ago, so that nobody would read them again. */
  readonly parked: readonly ParkedRow[];
}

const REASON = "it was sent again, and what became of that is not known; `retry` tries it once more";

export async function doubt(rows: readonly LandedRow[], known: Known): Promise<Doubt> {
  if (rows.length === 0) return { landed: [], parked: [] };
  const before = await known(rows.map((row) => row.key));
  return {
    landed: rows.map((row) => ({ ...row, digest: blur(before.get(row.key)?.landed ?? null, row.digest) })),
    parked: rows.flatMap(({ key }) => {
      const digest = before.get(key)?.parked ?? null;
      return digest === null ? [] : [{ key, code: "NOT_SETTLED", reason: REASON, digest }];
    }),
  };
}
