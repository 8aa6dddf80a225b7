import type { SyncState } from "../contracts/state.ts";
import { blurAll } from "./blur.ts";
import type { Known } from "./doubt.ts";

export interface DistrustPorts {
  readonly state: Pick<SyncState, "distrust">;
  readonly known: Known;
}

/** Rows that are written down together. */
const ROWS_AT_ONCE = 1000;
const REASON = "`verify` found that Personize does not hold it as it was sent; `retry` sends it once more";

/**
 * Before rows are sent again that were found not to be stored as they landed: nobody knows any more what is stored of them, and
 * they are parked until they have landed. The checkpoint passed them long ago, so nobody else would come back to them, should
 * this run die. Rows that never landed are left alone.
 */
export async function distrust(keys: readonly string[], { state, known }: DistrustPorts): Promise<void> {
  for (let start = 0; start < keys.length; start += ROWS_AT_ONCE) {
    const some = keys.slice(start, start + ROWS_AT_ONCE);
    const before = await known(some);
    const rows = some.flatMap((key) => {
      const landed = before.get(key)?.landed ?? null;
      return landed === null ? [] : [{ key, digest: blurAll(landed) }];
    });
    await state.distrust(rows, { code: "NOT_AS_SENT", reason: REASON });
  }
}
