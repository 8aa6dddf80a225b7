export type { CollectionsApi } from "./collections-api.ts";
export type * from "./collection-types.ts";
export type { ErrorShape, PersonizeConfig } from "./config.ts";
export { AuthenticationError, type ErrorResponse, PersonizeError, RateLimitExceededError } from "./errors.ts";
export type { MemoryApi } from "./memory-api.ts";
export type * from "./memory-types.ts";
export type { MemoryV11Api, SaveOptions } from "./memory-v1-1-api.ts";
export { Personize } from "./personize.ts";
export type { RecordApi } from "./record-api.ts";
export type * from "./record-types.ts";
export type {
  ApiResponse,
  CreditsResponse,
  EntityTypeItem,
  ListData,
  MeResponse,
  RecordIdentifiers,
  TestResponse,
} from "./types.ts";
