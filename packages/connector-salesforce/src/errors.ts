import { redact as redactAll, toNetworkError as toFault } from "@acme/api-source";
import { AuthError, BugError, ConfigError, QuotaStop, type SyncError, TransientError } from "@acme/sync-core";
import type { AuthWay } from "./config.ts";

/** What Salesforce answered when it did not do what was asked. */
export interface Refusal {
  readonly status: number;
  /** `errorCode` of the first element of the answer; null: the answer was no error of the API (a page of HTML, say). */
  readonly code: string | null;
  readonly message: string | null;
  readonly retryAfterMs: number | null;
}

/** What an error message says about the call that failed. Nothing in here is secret. */
export interface ErrorContext {
  /** What was being done, as the start of a sentence: `reading Contact`. */
  readonly doing: string;
  readonly host: string;
  readonly way: AuthWay;
  /** Texts that no message may show. */
  readonly secrets: readonly string[];
}

/** A query ran out of time: less of it may go through. Thrown in place of its TransientError, which it is. */
export class QueryTimeout extends TransientError {
  override readonly name = "TransientError";
}

/** Bulk API does not take this object, this query or any more today: REST may. Thrown in place of its ConfigError, which it is. */
export class BulkRefused extends ConfigError {
  override readonly name = "ConfigError";
}

/** The object or the credential may not do this one thing: other objects can still be read. */
export class PermissionError extends AuthError {
  override readonly name = "AuthError";
}

const PERMISSION_HINT =
  "Give the user a permission set with Read on the object and its fields, and the API Enabled permission.";

/**
 * Turns an answer that is no success into one of the five errors, or into {@link QuotaStop} where the day's requests are used up.
 * Pure. By code and message: the status alone does not tell a quota from a permission.
 */
export function toSyncError(refusal: Refusal, context: ErrorContext): SyncError | QuotaStop {
  const { status, code } = refusal;
  const { doing } = context;
  const says = sayWhat(refusal, context);
  if (isConcurrencyLimit(refusal)) {
    return new TransientError(`${doing}: too many long requests run in this org at once${says}`, {
      hint: "Requests of more than 20 seconds are limited to 25 at once (5 in developer orgs). It passes by itself.",
      retryAfterMs: 30_000,
    });
  }
  if (isDailyLimit(refusal)) {
    return new QuotaStop(
      "the org's API requests of 24 hours are used up (REQUEST_LIMIT_EXCEEDED). They become free again as they grow older than 24 hours; the next run goes on from the last page",
    );
  }
  if (isBulkRefusal(refusal)) {
    return new BulkRefused(`${doing}: the Bulk API does not take it${says}`, {
      hint: "Set transport: rest for this object.",
    });
  }
  switch (code ?? "") {
    case "QUERY_TIMEOUT":
      return new QueryTimeout(`${doing}: Salesforce gave up on the query after its time limit (QUERY_TIMEOUT)`, {
        hint: "Map fewer formula fields, or set transport: bulk.",
      });
    case "INVALID_SESSION_ID":
      return toUnauthorized(refusal, context);
    case "INVALID_FIELD":
      return new ConfigError(`${doing}: a field does not exist (any more), or this user may not see it${says}`, {
        hint: `Correct the mapping, or grant Read on the field (field-level security). ${PERMISSION_HINT}`,
      });
    case "INVALID_TYPE":
    case "NOT_FOUND":
      return new ConfigError(`${doing}: there is no such object, or this user may not read it${says}`, {
        hint: `Correct object; \`discover\` lists what this user can query. ${PERMISSION_HINT}`,
      });
    case "OPERATION_TOO_LARGE":
    case "QUERY_TOO_COMPLICATED":
      return new ConfigError(`${doing}: too many related records for this user (${code})${says}`, {
        hint: "Give the user the View All Data permission (or View All on the object), or map fewer formula and parent fields.",
      });
    case "API_DISABLED_FOR_ORG":
    case "API_CURRENTLY_DISABLED":
      return new PermissionError(`${doing}: the API is not enabled for this org or user (${code})${says}`, {
        hint: "Grant the API Enabled permission; editions below Enterprise need the API as an add-on.",
      });
    case "TXN_SECURITY_METERING_ERROR":
      return new TransientError(`${doing}: the org's transaction security policies took too long (${code})`, {
        hint: "If it stays, give the user the permission Exempt from Transaction Security.",
      });
    case "INVALID_LOGIN":
      return new AuthError(`${doing}: Salesforce refuses the login${says}`, { hint: loginHint(context.way) });
    default:
  }
  if (code?.startsWith("INSUFFICIENT_ACCESS") === true) {
    return new PermissionError(`${doing}: this user may not do that (${code})${says}`, { hint: PERMISSION_HINT });
  }
  if (status === 401) return toUnauthorized(refusal, context);
  if (status === 403) {
    return new PermissionError(`${doing}: this user may not do that (403, ${code ?? "no code"})${says}`, {
      hint: PERMISSION_HINT,
    });
  }
  if (status === 410 || code === "UNSUPPORTED_API_VERSION" || code === "InvalidVersion") {
    return new ConfigError(`${doing}: this version of the API has been retired (${status})${says}`, {
      hint: "Set a newer apiVersion.",
    });
  }
  if (status === 404) {
    return new ConfigError(`${doing}: Salesforce knows nothing of it (404)${says}`, {
      hint: "Correct object and loginUrl; `discover` lists what this user can query.",
    });
  }
  if (status === 414 || status === 431) {
    return new BugError(`${doing}: the address of the call was too long for Salesforce (${status})`, {
      hint: "Please report this with the number of fields that the mapping uses. transport: bulk avoids it.",
    });
  }
  if (status === 409) {
    return new BugError(`${doing}: the job was made with another version of the API (409)${says}`, {
      hint: "Please report this with the version of the connector.",
    });
  }
  if (isPassing(refusal)) {
    return new TransientError(
      `${doing}: Salesforce had a fault of its own (${status}${code === null ? "" : `, ${code}`})${says}`,
      {
        hint: "It passes by itself. Reading goes on from the last page.",
        ...(refusal.retryAfterMs === null ? {} : { retryAfterMs: refusal.retryAfterMs }),
      },
    );
  }
  if (code === "MALFORMED_QUERY") {
    return new BugError(`${doing}: Salesforce does not understand the query${says}`, {
      hint: "Please report this with the names of the fields that the mapping uses.",
    });
  }
  return new ConfigError(`${doing}: Salesforce refused the call (${status}, ${code ?? "no code"})${says}`, {
    hint: "Correct what the message names in the source section.",
  });
}

/** 24 hours' worth of requests are used up. By the message: both limits share code and status (403). A 429 is for the moment. */
export function isDailyLimit(refusal: Refusal): boolean {
  return refusal.code === "REQUEST_LIMIT_EXCEEDED" && refusal.status !== 429 && !isConcurrencyLimit(refusal);
}

export function isConcurrencyLimit({ code, message }: Refusal): boolean {
  return code === "REQUEST_LIMIT_EXCEEDED" && /concurrent/i.test(message ?? "");
}

/** What Salesforce's own troubles look like, with or without an error of the API. */
export function isPassing({ status, code }: Refusal): boolean {
  if (code === "UNABLE_TO_LOCK_ROW" || code === "TXN_SECURITY_METERING_ERROR" || code === "SERVER_UNAVAILABLE")
    return true;
  if (code === "QUERY_TIMEOUT") return false;
  return status === 406 || status === 408 || status === 420 || status === 429 || status >= 500;
}

/** Another reason than the query itself: this object, or any more today, is not for the Bulk API. */
function isBulkRefusal({ code, message }: Refusal): boolean {
  const words = message ?? "";
  if (code === "INVALIDENTITY" || /is not supported by the Bulk API|compound data not supported in Bulk/i.test(words))
    return true;
  return code === "LIMIT_EXCEEDED" && /bulk/i.test(words);
}

/** 401s that no new token helps against. */
export function isHopeless401({ message }: Refusal): boolean {
  return /not valid for use with the REST API|not attached to Agent/i.test(message ?? "");
}

export function isLocatorLost({ code }: Refusal): boolean {
  return code === "INVALID_QUERY_LOCATOR";
}

function toUnauthorized(refusal: Refusal, context: ErrorContext): AuthError {
  const says = sayWhat(refusal, context);
  if (isHopeless401(refusal)) {
    return new AuthError(`${context.doing}: the session may not use the REST API${says}`, {
      hint: "Check the app's policies: its scopes need api, and its user API access.",
    });
  }
  return new AuthError(`${context.doing}: Salesforce refuses a session that it has just opened (401)${says}`, {
    hint: "Check the app's IP and session policies. If the org moved, set loginUrl to its My Domain.",
  });
}

/** What the token endpoint says, as an object instead of a list. */
export interface LoginRefusal extends Refusal {
  /** `error`: invalid_grant, invalid_client and so on; null for SOAP. */
  readonly error: string | null;
  readonly description: string | null;
}

/** What became of a login. Pure. A grant that is gone is never asked for again. */
export function toLoginError(refusal: LoginRefusal, context: ErrorContext): SyncError | QuotaStop {
  const { error, description, status } = refusal;
  const { way } = context;
  const words = description ?? refusal.message ?? "";
  if (error === null && !/INVALID_LOGIN|INVALID_OPERATION|LOGIN|PASSWORD/i.test(`${refusal.code ?? ""} ${words}`)) {
    if (isPassing(refusal) || isDailyLimit(refusal)) return toSyncError(refusal, context);
  } else if (status >= 500 && way !== "password") return toSyncError(refusal, context);
  const says = words === "" ? "" : `: ${clean(words, context.secrets)}`;
  if (
    way === "password" &&
    /INVALID_OPERATION|disabled by default|not available/i.test(`${refusal.code ?? ""} ${words}`)
  ) {
    return new AuthError(`SOAP login is switched off in this org${says}`, {
      hint: "Use clientCredentials or jwt: Salesforce retires SOAP login with Summer '27 (June 2027). Until then an administrator of an old org can switch it on.",
    });
  }
  if (error === "invalid_client_id" || error === "invalid_client") {
    return new AuthError(`Salesforce does not know this app (${error})${says}`, {
      hint: `Correct ${way}.clientId and the secret or key; a new app takes up to ten minutes to be known.`,
    });
  }
  if (/hasn't approved this consumer/i.test(words)) {
    return new AuthError(`the user has not been approved for this app${says}`, {
      hint: "An administrator has to pre-authorise the user's profile or permission set in the app's policies.",
    });
  }
  if (/audience/i.test(words)) {
    return new AuthError(`the audience of the assertion is wrong${says}`, {
      hint: "Set jwt.audience: https://test.salesforce.com for a sandbox, https://login.salesforce.com otherwise.",
    });
  }
  if (/expired authorization code|assertion/i.test(words)) {
    return new AuthError(`the assertion is not accepted${says}`, {
      hint: "Check this machine's clock, and that the app has the certificate of jwt.privateKey.",
    });
  }
  if (way === "oauth" && error === "invalid_grant") {
    return new AuthError(`the refresh token was revoked, has expired or was replaced by a newer one${says}`, {
      hint: "Authorise the app again and put the new refresh token into oauth.refreshToken. If the app rotates tokens, set oauth.tokenFile and let all processes use the same file.",
    });
  }
  return new AuthError(`Salesforce refuses the login (${error ?? refusal.code ?? status})${says}`, {
    hint: loginHint(way),
  });
}

function loginHint(way: AuthWay): string {
  switch (way) {
    case "clientCredentials":
      return "Check clientId and clientSecret, that loginUrl is the org's My Domain, and that the app has the client credentials flow and a user to run as.";
    case "jwt":
      return "Check clientId, username and loginUrl, and that the app has the certificate of the key.";
    case "oauth":
      return "Authorise the app again and put the new refresh token into oauth.refreshToken.";
    case "password":
      return "Check username, password and securityToken, and that the user is not locked out.";
  }
}

/** A call that got no answer at all: the network, a timeout, an answer that was cut off. */
export function toNetworkError(error: unknown, context: Pick<ErrorContext, "doing" | "host">): SyncError {
  return toFault(error, context, "the network, proxies and loginUrl");
}

const LONGEST_SENTENCE = 300;

/** Salesforce's own words, without secrets. Messages about queries quote the query, which has names and stamps only. */
function sayWhat({ message }: Refusal, { secrets }: ErrorContext): string {
  return message === null || message === "" ? "" : `: ${clean(message, secrets)}`;
}

function clean(text: string, secrets: readonly string[]): string {
  return redact(text, secrets).replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_SENTENCE);
}

const SESSIONS = [/\b00D[\w]{12,15}![\w.]+/g];

/** Leaves out what is secret, and what looks as if it were. */
export function redact(text: string, secrets: readonly string[]): string {
  return redactAll(text, secrets, SESSIONS);
}
