import { BugError, TransientError } from "../contracts/errors.ts";

/** @param holder who has the sync now; null: nobody, it was reset or is free again. */
export function takenOver(sync: string, holder: string | null): TransientError {
  return holder === null
    ? new TransientError(`Sync "${sync}" was reset or claimed by another run while this run was going on.`, {
        hint: "Nothing more was written by this run. Start it again.",
      })
    : new TransientError(`Another run has taken over sync "${sync}": ${holder}.`, {
        hint: "Nothing more was written by this run. Let the other one finish; it goes on from the same checkpoint.",
      });
}

export function notWrittenDown(sync: string, batchId: string): BugError {
  return new BugError(`Batch ${batchId} of sync "${sync}" was never written down, or is settled already.`);
}
