export { parseAnswer, toCutOffError } from "./answers.ts";
export { diskFiles, type Files, type Lock } from "./files.ts";
export {
  createKeepSession,
  type Credential,
  type Granted,
  type KeepSession,
  type Session,
  type SessionKeeper,
} from "./keep-session.ts";
export { type CallPlace, toNetworkError, toTimeoutError } from "./network-errors.ts";
export { redact } from "./redact.ts";
export { createShared, type Shared } from "./shared.ts";
export { type ConfiguredGrant, createTokenFile, type TokenFile, type Tokens } from "./token-file.ts";
export { until } from "./until.ts";
