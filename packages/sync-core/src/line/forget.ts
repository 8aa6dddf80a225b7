import type { Resend } from "../contracts/job.ts";
import type { KnownRow } from "../contracts/state.ts";

/** What is taken to be known of rows that are sent again; null: of rows that are read as ever. Pure. */
export function forget(
  known: ReadonlyMap<string, KnownRow>,
  what: Resend["forget"] | null,
): ReadonlyMap<string, KnownRow> {
  if (what === null) return known;
  if (what === "everything") return new Map();
  return new Map([...known].map(([key, row]) => [key, { ...row, parked: null }]));
}
