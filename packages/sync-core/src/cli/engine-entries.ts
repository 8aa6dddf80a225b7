import type { StateStore } from "../contracts/state.ts";
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
  /** `readOnly`: looks at a file that exists; nothing is created or changed. */
  readonly openState: (options: StateOptions) => Promise<StateStore>;
}

export interface StateOptions {
  readonly file: string;
  readonly now: () => number;
  readonly readOnly: boolean;
}

export const engineEntries: EngineEntries = {
  runSync,
  retrySync,
  planSync,
  checkSync,
  verifySync,
  createDestination: createPersonizeDestination,
  sdkVersion,
  openState: (options) => openSqliteState(options),
};
