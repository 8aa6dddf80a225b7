/* What a state store needs whatever it is kept in: for packages that keep the state somewhere else than in a file. */
export type { StateBackend, OpenStateOptions } from "../contracts/state-backend.ts";
export { type Claim, toLiveClaim } from "./claim.ts";
export { notWrittenDown, takenOver } from "./claim-errors.ts";
export { maxNotes, maxReceipts, toRowLimit } from "./limits.ts";
export { type PaceDialect, type PaceStatements, toPaceParameters, toPaceStatements, toRateStatus } from "./pace.ts";
export { type StoredBatch, fromStoredRows, holdsRow, toStoredBatch, toStoredRows } from "./stored-batch.ts";
export { toCursor, toProvedInterval, toReceipt, toRecordKind } from "./stored-json.ts";
export {
  type Cell,
  pieceLimits,
  sizeOf,
  type StateColumn,
  type StateTable,
  stateTables,
  syncTable,
  tableOf,
  toCells,
  toStateRow,
} from "./state-tables.ts";
export { atWork, disordered, notEmpty, stillUnderWay } from "./transfer-errors.ts";
export { fromStoredText, toStoredText, toStoredWords } from "./stored-text.ts";
