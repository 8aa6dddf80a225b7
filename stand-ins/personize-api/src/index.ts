export type { DelayMs, FaultState, LogQuery } from "@acme/stand-in-kit";
export type { CollectionSeed, PropertySeed, PropertyType } from "./collection.ts";
export type {
  CellView,
  Control,
  Counts,
  EventView,
  RecordLookup,
  RecordQuery,
  RecordView,
  Usage,
} from "./control.ts";
export { defaultCollections } from "./default-collections.ts";
export type {
  AnswerFaultKind,
  ConnectionFaultKind,
  EventFaultKind,
  Fault,
  FaultKind,
} from "./faults.ts";
export { answerFaultKinds, connectionFaultKinds, eventFaultKinds } from "./faults.ts";
export type { Knobs } from "./knobs.ts";
export { defaultKnobs } from "./knobs.ts";
export type { PersonizeApiOptions } from "./options.ts";
export type { OrganizationSeed } from "./organization.ts";
export type { CustomPlan, PlanName, PlanSeed } from "./plans.ts";
export type { RequestEntry } from "./request-entry.ts";
export type { RowFailureRule } from "./row-failure.ts";
export { type PersonizeApi, startPersonizeApi } from "./start-personize-api.ts";
