import type { DeletionStatus } from "../contracts/deletions.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { DeletePolicy } from "../contracts/job.ts";
import type { Source, Stream } from "../contracts/source.ts";
import type { SyncState } from "../contracts/state.ts";
import { deleteLeft, type DeleteLeftPorts, RECORDS_AT_ONCE } from "./delete-left.ts";
import { lookUp } from "./look-up.ts";
import type { PatiencePorts } from "./patience.ts";

export interface DeletePorts extends PatiencePorts, Omit<DeleteLeftPorts, keyof PatiencePorts> {
  readonly policy: DeletePolicy;
  /** Whether all of the enumeration was read by this run. Of one that others began, nobody knows under which source options. */
  readonly isOfThisRun: boolean;
  /** How many records may be deleted at most; null: what the policy says. */
  readonly allowed: number | null;
  readonly source: Pick<Source, "lookup">;
  readonly stream: Stream;
  readonly state: SyncState;
  readonly onNotice: (text: string) => void;
}

/** Rows that may be deleted without being asked for, however few have landed. */
const FEWEST_ALLOWED = 20;
/** Rows that are looked up at once; only their keys are read. */
const KEYS_AT_ONCE = 500;
/** Beyond so many, what is gone is no longer counted exactly: it is not going to be deleted. */
const MOST_COUNTED = 5000;
const EXAMPLES = 5;

/**
 * Deletes the records of rows that are gone: rows that the source said were deleted, rows that a complete enumeration has not
 * shown, and records that a row no longer maps to. Only what this sync landed, only what the source does not find when asked for
 * it by key, never a record that another landed row maps to, and never more than allowed: then nothing at all.
 *
 * First the state forgets some rows and remembers their records as left behind, then these are deleted one by one: a run that is
 * killed in between goes on where it was, and a row that comes back meanwhile is new.
 * @throws ConfigError when more would be deleted than is allowed, and when the source has shown no row at all; what the source
 * and the destination throw.
 */
export async function deleteGone(ports: DeletePorts): Promise<void> {
  const { state, policy } = ports;
  const status = await state.deletions();
  const isComplete = status.enumeration === "complete";
  const absent = await state.absentCount();
  const { fresh: left, missed } = await state.leftCount();
  if (isComplete) {
    if (absent > 0 && !status.hasSeen) throw nothingSeen(absent, ports);
    // Shown and still unknown: rows that are parked or left out by now. Whoever comes back among them is sent as new.
    await state.forgetUnidentified();
  } else if (absent + left + missed > 0) {
    const unidentified = await state.unidentifiedCount();
    if (unidentified > 0) {
      ports.onNotice(notYet(unidentified));
      return;
    }
  }

  const gone = await findGone(status, ports);
  refuseTooMany(gone, left, status, ports);
  await deleteLeft(ports);
  for (let start = 0; start < gone.length; start += RECORDS_AT_ONCE) {
    // Once more: deleting those before took its time.
    const keys = gone.slice(start, start + RECORDS_AT_ONCE);
    for await (const found of lookUp(ports.source, keysOnly(ports), keys, RECORDS_AT_ONCE, ports))
      await state.leave(found.gone);
    await deleteLeft(ports);
  }
  if (isComplete)
    await state.endEnumeration(ports.isOfThisRun ? policy.selection : (status.selection ?? policy.selection));
}

/** Keys of the rows that the source does not find any more; of a great many, only some more than may be deleted. */
async function findGone({ landedRows }: DeletionStatus, ports: DeletePorts): Promise<readonly string[]> {
  const { state, source, policy, allowed } = ports;
  const enough = Math.max(MOST_COUNTED, allowed ?? 0, landedRows * policy.maxShare);
  const gone: string[] = [];
  let after: string | null = null;
  while (gone.length <= enough) {
    const candidates = await state.absent(after, KEYS_AT_ONCE);
    const last = candidates.at(-1);
    if (last === undefined) break;
    after = last.key;
    const keys = candidates.map(({ key }) => key);
    for await (const found of lookUp(source, keysOnly(ports), keys, KEYS_AT_ONCE, ports)) gone.push(...found.gone);
  }
  return gone;
}

/** Whether a row is there takes no field of it. */
function keysOnly({ stream }: DeletePorts): Stream {
  return { ...stream, fields: [] };
}

/** @param left how many records were left behind before, by rows that map to others now or by a run that was cut short. */
function refuseTooMany(gone: readonly string[], left: number, status: DeletionStatus, ports: DeletePorts): void {
  const { policy, allowed } = ports;
  const count = gone.length + left;
  const isChanged = status.enumeration === "complete" && status.selection !== policy.selection && gone.length > 0;
  const share = Math.max(FEWEST_ALLOWED, Math.floor(status.landedRows * policy.maxShare));
  const most = allowed ?? (isChanged ? 0 : share);
  if (count <= most) return;

  const examples = gone.slice(0, EXAMPLES).map((key) => JSON.stringify(key));
  const named = examples.length === 0 ? "" : ` (${examples.join(", ")}${gone.length > examples.length ? ", …" : ""})`;
  const of = `of ${status.landedRows} landed rows`;
  const would = `${count} record${count === 1 ? "" : "s"} ${of} would be deleted${named}${left > 0 ? `, ${left} of them since rows map to other records now` : ""}`;
  const why =
    allowed !== null
      ? `${would}; --allow-deletes allows ${allowed}`
      : isChanged
        ? `The source options have changed since rows landed, and ${gone.length} ${of} are no longer part of what is read${named}`
        : `${would}; without being told, a run deletes ${share} at most`;
  throw new ConfigError(`${why}. Nothing was deleted`, {
    hint: `Look at the source first: a truncated table, a lost permission or another filter look the same. If these rows are really gone, run \`sync --only ${ports.sync} --allow-deletes ${count}\`.`,
  });
}

function nothingSeen(absent: number, { sync }: DeletePorts): ConfigError {
  return new ConfigError(
    `The source of sync "${sync}" has shown no row at all, and ${absent} have landed. Nothing was deleted`,
    {
      hint: "An empty source is never taken for deletion. If it is meant to be empty, delete the records in Personize and run `state reset`; otherwise look at the table, its permissions and the filter.",
    },
  );
}

function notYet(unidentified: number): string {
  return `nothing is deleted yet: the records of ${unidentified} landed rows are not known (they landed before \`deletes: delete\` was set, or a run was killed in between); \`sync --full\` reads them once`;
}
