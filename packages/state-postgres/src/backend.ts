import type { StateBackend } from "@acme/sync-core/state";
import { openPostgresRunQueue } from "./open-postgres-run-queue.ts";
import { openPostgresState } from "./open-postgres-state.ts";
import { toSettings } from "./settings.ts";
import { readVersion } from "./version.ts";

/** Hands PostgreSQL to a program as a place for its state: `createCli({ …, stateBackends: [stateBackend] })`. */
export const stateBackend: StateBackend = {
  schemes: ["postgres", "postgresql"],
  packageName: "@acme/state-postgres",
  version: readVersion(),
  locationOf: (url) => toSettings(url).location,
  open: openPostgresState,
  openRunQueue: openPostgresRunQueue,
};
