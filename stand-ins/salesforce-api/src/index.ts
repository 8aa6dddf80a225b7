export type { DelayMs, FaultState, OpenAnswer, OpenRequest } from "@acme/stand-in-kit";
export { type AppSeed, type GrantName, grantNames } from "./auth/connected-apps.ts";
export type { UserSeed } from "./auth/users.ts";
export type { Control, Counts, RequestQuery, RowQuery, RowView, UpdateOptions, UsageView } from "./control.ts";
export { families, type Family } from "./counters.ts";
export type { AnswerFaultKind, BulkFaultKind, ConnectionFaultKind, Fault, FaultKind } from "./faults.ts";
export { answerFaultKinds, bulkFaultKinds, connectionFaultKinds } from "./faults.ts";
export type { Knobs } from "./knobs.ts";
export { defaultKnobs } from "./knobs.ts";
export {
  type OpenSalesforceApi,
  openSalesforceApi,
} from "./open-salesforce-api.ts";
export type { SalesforceApiOptions } from "./options.ts";
export type { ChangeOptions, FieldValues, Touch } from "./org/changes.ts";
export type { FieldType, Value } from "./org/field-definition.ts";
export type { CustomObjectSeed, FieldSeed, OrgSeed } from "./org/org-seed.ts";
export type { BulkUpdateSeed } from "./org/seed-times.ts";
export type { RowState } from "./org/table.ts";
export type { RequestEntry } from "./request-entry.ts";
export { type SalesforceApi, startSalesforceApi } from "./start-salesforce-api.ts";
