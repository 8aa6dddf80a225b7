import { checkSync } from "../line/check.ts";
import { planSync } from "../line/plan.ts";
import { retrySync } from "../line/retry.ts";
import { runSync } from "../line/run-sync.ts";
import { verifySync } from "../line/verify.ts";
import { createPersonizeDestination } from "../personize/create-personize-destination.ts";
import { sdkVersion } from "../personize/sdk-version.ts";
import { openSqliteState } from "../state/open-sqlite-state.ts";

/** What the commands call. A test may hand in others. */
export interface EngineEntries {
  readonly runSync: typeof runSync;
  readonly retrySync: typeof retrySync;
  readonly planSync: typeof planSync;
  readonly checkSync: typeof checkSync;
  readonly verifySync: typeof verifySync;
  readonly createDestination: typeof createPersonizeDestination;
  readonly sdkVersion: typeof sdkVersion;
  /** A state that is kept in a file. */
  readonly openState: typeof openSqliteState;
}

export const engineEntries: EngineEntries = {
  runSync,
  retrySync,
  planSync,
  checkSync,
  verifySync,
  createDestination: createPersonizeDestination,
  sdkVersion,
  openState: openSqliteState,
};
