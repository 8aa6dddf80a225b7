import { AuthError, BugError, ConfigError, QuotaStop, TransientError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { BulkRefused, QueryTimeout, redact, toLoginError, toNetworkError, toSyncError } from "./errors.ts";
import { toLoginRefusal, toRefusal } from "./responses.ts";
import { retryWaitMs } from "./retry.ts";

const context = {
  doing: "reading Contact",
  host: "acme.my.salesforce.com",
  way: "oauth",
  secrets: ["s3cret-token"],
} as const;
const refuse = (status: number, errorCode?: string, message = "") =>
  toRefusal(
    status,
    () => null,
    errorCode === undefined ? "<html>oops</html>" : JSON.stringify([{ errorCode, message }]),
  );

describe("answers that are no success", () => {
  it.each([
    [400, "MALFORMED_QUERY", "unexpected token", BugError, false],
    [400, "INVALID_FIELD", "No such column 'X__c' on entity 'Contact'", ConfigError, false],
    [400, "INVALID_TYPE", "sObject type 'X' is not supported", ConfigError, false],
    [400, "QUERY_TIMEOUT", "Your query request was running for too long.", QueryTimeout, false],
    [400, "OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's", ConfigError, false],
    [400, "INVALIDENTITY", "Entity 'X' is not supported by the Bulk API.", BulkRefused, false],
    [400, "LIMIT_EXCEEDED", "Max bulk v2 query jobs (10000) per 24 hrs has been reached", BulkRefused, false],
    [400, "FEATURENOTENABLED", "Selecting compound data not supported in Bulk Query", BulkRefused, false],
    [400, "TXN_SECURITY_METERING_ERROR", "policies took too long", TransientError, true],
    [400, "UNABLE_TO_LOCK_ROW", "", TransientError, true],
    [401, "INVALID_SESSION_ID", "Session expired or invalid", AuthError, false],
    [403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", QuotaStop, false],
    [403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", TransientError, true],
    [403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.", AuthError, false],
    [403, "INSUFFICIENT_ACCESS_OR_READONLY", "", AuthError, false],
    [404, "NOT_FOUND", "The requested resource does not exist", ConfigError, false],
    [409, "VERSION", "", BugError, false],
    [410, "GONE", "", ConfigError, false],
    [429, undefined, "", TransientError, true],
    [406, undefined, "", TransientError, true],
    [414, undefined, "", BugError, false],
    [420, undefined, "", TransientError, true],
    [431, undefined, "", BugError, false],
    [500, "UNKNOWN_EXCEPTION", "ErrorId 1-2", TransientError, true],
    [503, "SERVER_UNAVAILABLE", "", TransientError, true],
    [302, undefined, "", ConfigError, false],
  ] as const)("%i %s (%s)", (status, code, message, kind, isTriedAgain) => {
    const refusal = refuse(status, code, message);
    expect(toSyncError(refusal, context)).toBeInstanceOf(kind);
    expect(retryWaitMs(refusal, 1, 0.5) !== null).toBe(isTriedAgain);
    expect(retryWaitMs(refusal, 20, 0.5)).toBeNull();
  });

  it("carry no secret, no address and no token, and no page of HTML", () => {
    const refusal = refuse(400, "X", "s3cret-token of ada@example.com with Bearer 00Dxx0000001gPF!AQ4AQ.x_y");
    const { message } = toSyncError(refusal, context);
    expect(message).not.toMatch(/s3cret|ada@|AQ4AQ/);
    expect(toSyncError(refuse(503), context).message).not.toContain("html");
    expect(redact("nothing here", context.secrets)).toBe("nothing here");
  });
});

describe("refused logins", () => {
  const login = (status: number, body: unknown) =>
    toLoginError(
      toLoginRefusal(status, () => null, typeof body === "string" ? body : JSON.stringify(body)),
      context,
    );

  it.each([
    ["expired access/refresh token", /refresh token/],
    ["user hasn't approved this consumer", /approved/],
    ["audience is invalid", /audience/],
  ])("%s", (error_description, message) => {
    const failure = login(400, { error: "invalid_grant", error_description });
    expect(failure).toBeInstanceOf(AuthError);
    expect(failure.message).toMatch(message);
  });

  it.each([
    [503, "<html>"],
    [500, "<html>"],
    [429, "<html>"],
  ])("%i is no matter of credentials", (status, body) => {
    expect(login(status, body)).toBeInstanceOf(TransientError);
  });

  it("a fault of SOAP is read, though its status is 500", () => {
    const fault = "<faultcode>INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username</faultstring>";
    const refusal = toLoginRefusal(500, () => null, fault);
    expect(toLoginError(refusal, { ...context, way: "password" })).toBeInstanceOf(AuthError);
  });
});

it.each([
  ["ECONNREFUSED", TransientError],
  ["ENOTFOUND", TransientError],
  ["ECONNRESET", TransientError],
  ["Z_BUF_ERROR", TransientError],
  ["CERT_HAS_EXPIRED", ConfigError],
  ["SELF_SIGNED_CERT_IN_CHAIN", ConfigError],
])("a connection that fails with %s", (code, kind) => {
  expect(toNetworkError(Object.assign(new Error("x"), { code }), context)).toBeInstanceOf(kind);
  expect(toNetworkError(new Error("x", { cause: Object.assign(new Error("y"), { code }) }), context)).toBeInstanceOf(
    kind,
  );
});
