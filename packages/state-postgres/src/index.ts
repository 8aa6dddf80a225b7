export { stateBackend } from "./backend.ts";
export { openPostgresRunQueue } from "./open-postgres-run-queue.ts";
export { openPostgresState } from "./open-postgres-state.ts";
export type { PostgresStateOptions } from "./open-session.ts";
