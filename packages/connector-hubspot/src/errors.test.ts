import { AuthError, BugError, ConfigError, QuotaStop, SyncError, TransientError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { type ErrorContext, redact, toNetworkError, toRefreshError, toSyncError } from "./errors.ts";
import { toRefusal } from "./responses.ts";
import { retryWaitMs } from "./retry.ts";

const SECRET = "pat-na1-0123-secret";
const context: ErrorContext = {
  doing: "reading contacts",
  host: "api.hubapi.com",
  credential: "token",
  secrets: [SECRET],
};

function refusal(status: number, body: unknown = {}, headers: Readonly<Record<string, string>> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return toRefusal(status, (name) => headers[name] ?? null, text);
}

describe("toSyncError", () => {
  it.each([
    [400, { message: "Unable to infer object type from: X" }, ConfigError, "Unable to infer object type"],
    [401, { category: "INVALID_AUTHENTICATION" }, AuthError, "refuses the token"],
    [
      401,
      { category: "EXPIRED_AUTHENTICATION", context: { "expire time": ["1970-01-01T00:00:00Z"] } },
      AuthError,
      "not a valid token",
    ],
    [
      403,
      { category: "MISSING_SCOPES", errors: [{ context: { requiredGranularScopes: ["crm.objects.deals.read"] } }] },
      AuthError,
      "crm.objects.deals.read",
    ],
    [403, { category: "MISSING_SCOPES", errors: [{ context: { requiredScopes: ["tickets"] } }] }, AuthError, "tickets"],
    [403, { category: "MISSING_SCOPES", context: ["crm.schemas.custom.read"] }, AuthError, "crm.schemas.custom.read"],
    [403, { category: "BANNED" }, AuthError, "blocked"],
    [404, { message: "resource not found" }, ConfigError, "404"],
    [414, "<html>414 Request-URI Too Large</html>", BugError, "too long"],
    [423, {}, TransientError, "locked"],
    [429, { policyName: "DAILY", message: "You have reached your daily limit." }, QuotaStop, "daily limit"],
    [429, { message: "You have reached your daily limit." }, QuotaStop, "midnight"],
    [429, { policyName: "TEN_SECONDLY_ROLLING" }, TransientError, "TEN_SECONDLY_ROLLING"],
    [429, "", TransientError, "429"],
    [477, {}, TransientError, "data centre"],
    [500, {}, TransientError, "500"],
    [502, "", TransientError, "502"],
    [524, "<html>", TransientError, "524"],
    [530, "<html>", TransientError, "530"],
  ])("%i %o", (status, body, kind, message) => {
    const error = toSyncError(refusal(status, body), context);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
    if (SyncError.is(error)) expect(error.hint).not.toBeNull();
  });

  it("shows no secret and no address, and the id that HubSpot's support asks for", () => {
    const error = toSyncError(
      refusal(400, { message: `no ${SECRET}, ada@example.com, pat-eu1-99999999`, correlationId: "abc-1" }),
      context,
    );
    expect(error.message).not.toMatch(/pat-|ada@/);
    expect(error.message).toContain("[correlation id abc-1]");
    expect(redact("Authorization: Bearer xyz", [])).not.toContain("xyz");
  });

  it.each([
    [400, { error: "invalid_grant", status: "BAD_REFRESH_TOKEN" }, AuthError, "refresh token is invalid"],
    [400, { error: "access_denied", status: "BAD_HUB" }, AuthError, "BAD_HUB"],
    [400, { error: "invalid_client", status: "BAD_CLIENT_ID" }, AuthError, "BAD_CLIENT_ID"],
    [400, { status: "BAD_CLIENT_SECRET" }, AuthError, "BAD_CLIENT_SECRET"],
    [400, { message: "missing or invalid refresh token" }, AuthError, "no access token"],
    [503, {}, TransientError, "503"],
    [429, { policyName: "TEN_SECONDLY_ROLLING" }, TransientError, "limit"],
  ])("P37 a refresh answered with %i %o", (status, body, kind, message) => {
    const error = toRefreshError(refusal(status, body), { ...context, credential: "oauth" });
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
  });

  it.each([
    ["ECONNREFUSED", TransientError],
    ["ENOTFOUND", TransientError],
    ["UND_ERR_SOCKET", TransientError],
    ["SELF_SIGNED_CERT_IN_CHAIN", ConfigError],
  ])("a connection that fails with %s", (code, kind) => {
    const failed = new TypeError("fetch failed", { cause: Object.assign(new Error(SECRET), { code }) });
    const error = toNetworkError(failed, context);
    expect(error).toBeInstanceOf(kind);
    expect(`${error.message} ${String(error.cause)}`).not.toContain(SECRET);
  });
});

describe("retries", () => {
  it.each([
    ["no answer", null, 1, true],
    ["no answer, the fifth time", null, 5, false],
    ["500", refusal(500), 4, true],
    ["500 for the fifth time", refusal(500), 5, false],
    ["530 for the third time", refusal(530), 3, false],
    ["400", refusal(400), 1, false],
    ["401", refusal(401), 1, false],
    ["403", refusal(403), 1, false],
    ["414", refusal(414), 1, false],
    ["423", refusal(423), 1, true],
    ["P40 477 for a day", refusal(477, {}, { "retry-after": "86400" }), 1, false],
    ["477 for seconds", refusal(477, {}, { "retry-after": "5" }), 1, true],
    ["P34 429 for the day", refusal(429, { policyName: "DAILY" }), 1, false],
    ["429 for the burst", refusal(429, { policyName: "TEN_SECONDLY_ROLLING" }), 7, true],
  ])("%s", (_name, answer, tries, again) => {
    expect(retryWaitMs(answer, tries, 0.5) !== null).toBe(again);
  });

  it("P33 wait out the window that the limit counts in", () => {
    expect(retryWaitMs(refusal(429, { policyName: "TEN_SECONDLY_ROLLING" }), 1, 0)).toBe(10_000);
    expect(retryWaitMs(refusal(429, { policyName: "SECONDLY" }), 1, 0)).toBe(1000);
    expect(retryWaitMs(refusal(429, {}, { "retry-after": "3" }), 1, 0)).toBe(3000);
    expect(retryWaitMs(refusal(423), 1, 0)).toBeGreaterThanOrEqual(2000);
  });
});
