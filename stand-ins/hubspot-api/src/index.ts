export type { DelayMs, FaultState, OpenAnswer, OpenRequest } from "@acme/stand-in-kit";
export type { AppKind, AppSeed } from "./auth/apps.ts";
export { allScopes } from "./auth/scopes.ts";
export type {
  ChangeOptions,
  Control,
  Counts,
  CreateOptions,
  PropertyValues,
  RecordQuery,
  RecordView,
  RequestQuery,
  UpdateOptions,
  Usage,
} from "./control.ts";
export { families, type Family } from "./counters.ts";
export type { AnswerFaultKind, ConnectionFaultKind, Fault, FaultKind, PageFaultKind } from "./faults.ts";
export { answerFaultKinds, connectionFaultKinds, pageFaultKinds } from "./faults.ts";
export type { Knobs } from "./knobs.ts";
export { defaultKnobs } from "./knobs.ts";
export type { PolicyName } from "./limits/limiter.ts";
export { type OpenHubspotApi, openHubspotApi } from "./open-hubspot-api.ts";
export type { HubspotApiOptions } from "./options.ts";
export type { CustomObjectSeed } from "./portal/custom-type.ts";
export type { BulkUpdateSeed, CompletePortalSeed, PortalSeed } from "./portal/portal-seed.ts";
export { seedPortal } from "./portal/portal-seed.ts";
export type { FieldType, PropertySeed, PropertyType } from "./portal/property-definition.ts";
export type { StandardTypeName } from "./portal/standard-types.ts";
export type { RequestEntry } from "./request-entry.ts";
export { type HubspotApi, startHubspotApi } from "./start-hubspot-api.ts";
