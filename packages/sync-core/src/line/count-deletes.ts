import type { RunOptions, SyncJob } from "../contracts/job.ts";
import type { Page, Row, Stream } from "../contracts/source.ts";
import type { SyncSummary } from "../contracts/state.ts";
import type { Known } from "./doubt.ts";

/** Counts what a run would delete, for a plan: nothing is written to find out. */
export interface DeleteCount {
  /** @param rows those of the page that are counted. */
  page(page: Page, rows: readonly Row[]): Promise<void>;
  /** @param isCut the source was not read to its end. @returns rows that are gone, as far as reading has shown. */
  total(isCut: boolean): number;
}

/** @returns null where the sync does not delete. */
export function createDeleteCount(
  job: Pick<SyncJob, "deletes">,
  stream: Stream,
  summary: SyncSummary | null,
  options: Pick<RunOptions, "full">,
  known: Known,
): DeleteCount | null {
  if (job.deletes === undefined) return null;
  const isOver = summary?.enumeration === "complete" || summary?.enumeration === "ended";
  const isCompared = stream.cursorField === null;
  let startsOver = options.full || (summary?.cursor ?? null) === null || (isCompared && isOver);
  let marked = 0;
  let shown = 0;
  let isProved = false;
  let isWhole = false;

  return {
    async page(page, rows) {
      if (page.beginsEnumeration === true) {
        startsOver = true;
        isWhole = false;
        shown = 0;
      }
      isWhole ||= !isCompared && page.proved?.field === null;
      isProved = page.proved !== null;
      const before = await known([...new Set(rows.map((row) => row.key))]);
      for (const row of rows) {
        if (before.get(row.key)?.landed == null) continue;
        if (row.deleted === true) marked += 1;
        else shown += 1;
      }
    },
    // A row that was changed while it was being read may have been shown twice.
    total: (isCut) =>
      startsOver && (isWhole || (isProved && !isCut)) ? Math.max(marked, (summary?.landedRows ?? 0) - shown) : marked,
  };
}
