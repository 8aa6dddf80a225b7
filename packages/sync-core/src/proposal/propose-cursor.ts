import type { Stream } from "../contracts/source.ts";

export interface ProposedCursor {
  /** null: none is proposed. */
  readonly field: string | null;
  readonly reason: string;
}

const MOVES = /updat|modif|chang|touch|edit|revis|mtime|modstamp|version|lsn/i;

/**
 * The field by which changes are found. A candidate that is not named after changes (`created_at`) is never proposed: rows that
 * change later would be missed. Pure.
 */
export function proposeCursor(stream: Stream): ProposedCursor {
  if (stream.cursorField !== null) return { field: stream.cursorField, reason: "found by the source" };
  const candidate = stream.cursorCandidates.find((name) => MOVES.test(name)) ?? null;
  if (candidate !== null) {
    return { field: candidate, reason: "named after changes; it has to move with every one, or changes are missed" };
  }
  const others = stream.cursorCandidates.slice(0, 3).join(", ");
  const why =
    others === "" ? "no field shows when a row changed" : `${others} does not sound as if it moved with every change`;
  return { field: null, reason: `${why}: every run compares everything` };
}
