import type { PageMarks } from "../contracts/deletions.ts";
import type { RunOptions, SyncJob } from "../contracts/job.ts";
import type { MappedRow } from "../contracts/line.ts";
import type { Page, Stream } from "../contracts/source.ts";
import type { KnownRow, SyncState } from "../contracts/state.ts";

/** Keeps track of what a source has shown, for syncs that delete. All others pay nothing for it. */
export interface Enumeration {
  /** Before the first page is read. */
  begin(): Promise<void>;
  /**
   * What to remember of a page once it is checkpointed. An enumeration begins with the first of its pages, so that one whose first page
   * never lands has never begun.
   * @param sound keys of the rows that are as they landed.
   */
  marks(page: Page, mapped: readonly MappedRow[], sound: readonly string[], known: Known): PageMarks | undefined;
  /**
   * Every page is checkpointed.
   * @param last the last page that the source gave before it had nothing more; null: it gave none, or was not read to its end.
   */
  end(last: Page | null): Promise<void>;
  /** True when this run has begun it: then all of it was read under the source's options as they are now. */
  isOfThisRun(): boolean;
}

export interface EnumerationPorts {
  readonly job: Pick<SyncJob, "deletes">;
  readonly options: Pick<RunOptions, "full">;
  readonly state: SyncState;
  readonly stream: Stream;
  /** How a record is remembered. */
  readonly remember: (record: string) => string | null;
}

type Known = ReadonlyMap<string, KnownRow>;

/**
 * An enumeration begins with a read from the beginning, or where the source says that it reads everything again. It is complete
 * once the source has ended with a page that proves something, or with any page that proves the whole stream where there is a cursor
 * field (pages by that field may follow, and prove nothing). It may take several runs: one that is interrupted, limited or fails
 * leaves it open, and the next goes on from the checkpoint.
 */
export function createEnumeration({ job, options, state, stream, remember }: EnumerationPorts): Enumeration {
  const { deletes } = job;
  if (deletes === undefined) {
    const nothing = async (): Promise<void> => undefined;
    return {
      begin: nothing,
      marks: () => undefined,
      end: nothing,
      isOfThisRun: () => false,
    };
  }
  const isCompared = stream.cursorField === null;
  let hasBegun = false;
  let isFirstPage = false;
  let isWhole = false;

  return {
    async begin() {
      const { enumeration } = await state.deletions();
      const isOver = enumeration === "complete" || enumeration === "ended";
      if (!options.full && (await state.cursor()) !== null && !(isCompared && isOver)) return;
      // Before anything lands: whatever does is part of it, also if no page gets through.
      await state.keepSelection(deletes.selection);
      isFirstPage = true;
      hasBegun = true;
    },

    marks({ rows, proved, beginsEnumeration }, mapped, sound, known) {
      if (beginsEnumeration === true) {
        isFirstPage = true;
        hasBegun = true;
        isWhole = false;
      }
      const begins = isFirstPage ? { begins: deletes.selection } : {};
      isFirstPage = false;
      if (!isCompared && proved?.field === null) isWhole = true;
      // Of two versions in a page the later one counts.
      const deleted = new Map(rows.map((row) => [row.key, row.deleted === true]));
      const seen: string[] = [];
      const gone: string[] = [];
      for (const [key, isGone] of deleted) (isGone ? gone : seen).push(key);
      return { ...begins, seen, gone, identities: identitiesOf(mapped, new Set(sound), known, remember) };
    },

    async end(last) {
      if (!isWhole && (last?.proved ?? null) === null) return;
      const { enumeration, selection } = await state.deletions();
      if (enumeration === "open") await state.completeEnumeration();
      // It was not tracked from the beginning; the next pass will be.
      else if (enumeration === "none" && isCompared) await state.endEnumeration(selection ?? deletes.selection);
    },

    isOfThisRun: () => hasBegun,
  };
}

/** Rows that are as they landed, and are remembered under no record or another one. */
function identitiesOf(
  mapped: readonly MappedRow[],
  sound: ReadonlySet<string>,
  known: Known,
  remember: EnumerationPorts["remember"],
): PageMarks["identities"] {
  return mapped.flatMap(({ key, record }) => {
    if (!sound.has(key)) return [];
    const remembered = remember(record);
    return remembered === null || known.get(key)?.identity === remembered ? [] : [{ key, identity: remembered }];
  });
}
