import { redact as redactAll, toNetworkError as toFault } from "@acme/api-source";
import { AuthError, BugError, ConfigError, QuotaStop, type SyncError, TransientError } from "@acme/sync-core";

/** What HubSpot answered when it did not do what was asked. Every field but the status is optional there. */
export interface Refusal {
  readonly status: number;
  readonly category: string | null;
  readonly subCategory: string | null;
  /** Which limit a 429 is about: TEN_SECONDLY_ROLLING, SECONDLY, DAILY. */
  readonly policyName: string | null;
  readonly message: string | null;
  /** For HubSpot's support. */
  readonly correlationId: string | null;
  /** Names of scopes of which one or more are missing, as HubSpot lists them. */
  readonly scopes: readonly string[];
  /** When an access token expired; null: not said. */
  readonly expiredAt: string | null;
  readonly retryAfterMs: number | null;
  /** `error` and `status` of an answer of the token endpoint. */
  readonly oauthError: string | null;
  readonly oauthStatus: string | null;
}

/** What an error message says about the call that failed. Nothing in here is secret. */
export interface ErrorContext {
  /** What was being done, as the start of a sentence: `reading contacts`. */
  readonly doing: string;
  readonly host: string;
  readonly credential: "token" | "oauth";
  /** Texts that no message may show. */
  readonly secrets: readonly string[];
}

/** The token is good, and may not do this one thing: other objects can still be read. */
export class PermissionError extends AuthError {
  override readonly name = "AuthError";
}

const NOT_A_TOKEN = /^1970-/;
const GRANT_HINT =
  "Grant it where the credential was made: a private app under Settings > Integrations > Private Apps > Scopes, a service key under Development > Keys > Service keys, a public app in its required scopes (then install it again).";

/**
 * Turns an answer that is no success into one of the five errors, or into {@link QuotaStop} where the day's calls are used up.
 * Pure. HubSpot's own sentence is passed on where it cannot hold the contents of a record, without secrets.
 */
export function toSyncError(refusal: Refusal, context: ErrorContext): SyncError | QuotaStop {
  const { status } = refusal;
  const { doing } = context;
  const says = sayWhat(refusal, context);
  if (status === 401) return toUnauthorized(refusal, context);
  if (status === 403) return toForbidden(refusal, context);
  if (status === 429) return toTooMany(refusal, context);
  if (status === 477) {
    return new TransientError(`${doing}: HubSpot moves this account to another data centre (477)${says}`, {
      hint: "It passes by itself, after up to 24 hours. The next run goes on from the last page.",
      retryAfterMs: refusal.retryAfterMs ?? 60_000,
    });
  }
  if (status === 423) {
    return new TransientError(`${doing}: the account is locked by heavy use (423)${says}`, {
      hint: "It passes by itself within seconds; run fewer syncs of this portal at once if it comes back.",
      retryAfterMs: Math.max(2000, refusal.retryAfterMs ?? 0),
    });
  }
  if (status === 414) {
    return new BugError(`${doing}: the address of the call was too long for HubSpot (414)`, {
      hint: "Please report this with the number of properties that the mapping uses.",
    });
  }
  if (status === 404) {
    return new ConfigError(`${doing}: HubSpot knows nothing of it (404)${says}`, {
      hint: "Correct object; `discover` lists what there is.",
    });
  }
  if (status === 530 || status === 525 || status === 526 || status === 522) {
    return new TransientError(`${doing}: HubSpot's edge could not handle the call (${status})`, {
      hint: "If it stays, the token may be damaged: copy it again, without spaces or line breaks.",
    });
  }
  if (status >= 500 || status === 408) {
    return new TransientError(`${doing}: HubSpot had a fault of its own (${status})${says}`, {
      hint: "It passes by itself. Reading goes on from the last page.",
      ...retryAfter(refusal),
    });
  }
  return new ConfigError(`${doing}: HubSpot refused the call (${status})${says}`, {
    hint: "Correct what the message names in the source section: object, properties, associations or modifiedProperty.",
  });
}

/** What became of a refresh. Pure. A grant that is gone is never asked for again. */
export function toRefreshError(refusal: Refusal, context: ErrorContext): SyncError | QuotaStop {
  const { status, oauthError, oauthStatus } = refusal;
  if (status === 429 || status >= 500 || status === 408 || status === 423 || status === 477)
    return toSyncError(refusal, context);
  if (oauthStatus === "BAD_HUB") {
    return new AuthError("the portal was deleted, or the app was disconnected from it (BAD_HUB)", {
      hint: "Install the app in the portal again and put the new refresh token into oauth.refreshToken.",
    });
  }
  if (oauthStatus === "BAD_CLIENT_ID" || oauthStatus === "BAD_CLIENT_SECRET" || oauthError === "invalid_client") {
    return new AuthError(`HubSpot does not know this app (${oauthStatus ?? oauthError ?? status})`, {
      hint: "Correct oauth.clientId and oauth.clientSecret; they are shown under Auth in the app's settings.",
    });
  }
  if (oauthError === "invalid_grant" || oauthStatus === "BAD_REFRESH_TOKEN") {
    return new AuthError("the refresh token is invalid, expired or revoked, or the app was uninstalled", {
      hint: "Install the app in the portal again and put the new refresh token into oauth.refreshToken.",
    });
  }
  return new AuthError(`HubSpot gave no access token (${status})${sayWhat(refusal, context)}`, {
    hint: "Correct oauth.clientId, oauth.clientSecret and oauth.refreshToken.",
  });
}

/** A call that got no answer at all: the network, a timeout, an answer that was cut off. */
export function toNetworkError(error: unknown, context: ErrorContext): SyncError {
  return toFault(error, context, "the network and proxies");
}

function toUnauthorized(refusal: Refusal, context: ErrorContext): AuthError {
  const { doing, credential } = context;
  if (
    refusal.category === "EXPIRED_AUTHENTICATION" &&
    refusal.expiredAt !== null &&
    NOT_A_TOKEN.test(refusal.expiredAt)
  ) {
    return new AuthError(`${doing}: what is configured as ${credential} is not a valid token`, {
      hint: "Copy the token again, whole, without quotes or spaces.",
    });
  }
  if (credential === "oauth") {
    return new AuthError(`${doing}: HubSpot refuses an access token that it has just made (401)`, {
      hint: "Install the app in the portal again and put the new refresh token into oauth.refreshToken.",
    });
  }
  return new AuthError(`${doing}: HubSpot refuses the token (401, ${refusal.category ?? "no category"})`, {
    hint: "It was revoked or rotated, or belongs to another account: copy the current one from the private app or service key.",
  });
}

function toForbidden(refusal: Refusal, { doing }: ErrorContext): PermissionError {
  if (refusal.category === "BANNED") {
    return new PermissionError(`${doing}: HubSpot has blocked this app (BANNED)`, {
      hint: "Ask HubSpot's support why.",
    });
  }
  if (refusal.scopes.length > 0) {
    return new PermissionError(`${doing}: the token lacks a scope; one or more of ${refusal.scopes.join(", ")}`, {
      hint: GRANT_HINT,
    });
  }
  return new PermissionError(`${doing}: the token may not do this (403, ${refusal.category ?? "no category"})`, {
    hint: `Either a scope is missing or the account's plan does not include it. ${GRANT_HINT}`,
  });
}

function toTooMany(refusal: Refusal, { doing }: ErrorContext): SyncError | QuotaStop {
  if (isDailyLimit(refusal)) {
    return new QuotaStop(
      "HubSpot's daily limit of API calls is used up. It starts again at midnight in the account's time zone; the next run goes on from the last page",
    );
  }
  return new TransientError(`${doing}: HubSpot's limit of calls is used up for now (${refusal.policyName ?? 429})`, {
    hint: "Something else uses this app or account at the same time. It passes by itself.",
    retryAfterMs: refusal.retryAfterMs ?? 10_000,
  });
}

/** True for a 429 that lasts until midnight. By the policy's name; by the sentence only where the name is missing. */
export function isDailyLimit(refusal: Refusal): boolean {
  if (refusal.status !== 429) return false;
  return refusal.policyName === null ? /\bdaily limit\b/i.test(refusal.message ?? "") : refusal.policyName === "DAILY";
}

function retryAfter({ retryAfterMs }: Refusal): { readonly retryAfterMs?: number } {
  return retryAfterMs === null ? {} : { retryAfterMs };
}

const LONGEST_SENTENCE = 300;

/** HubSpot's own words, without secrets, and the id to ask its support with. */
function sayWhat({ message, correlationId }: Refusal, { secrets }: ErrorContext): string {
  const words =
    message === null ? "" : `: ${redact(message, secrets).replaceAll(/\s+/g, " ").slice(0, LONGEST_SENTENCE)}`;
  return correlationId === null ? words : `${words} [correlation id ${correlationId.slice(0, 60)}]`;
}

const TOKENS = [/\bpat-[\w-]{8,}/gi];

/** Leaves out what is secret, and what looks as if it were. */
export function redact(text: string, secrets: readonly string[]): string {
  return redactAll(text, secrets, TOKENS);
}
