import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Failure, readEnvelopeFailure, readFailure } from "./read-failure.ts";

interface Answer {
  readonly status: number;
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As axios throws it. */
function axiosError({ status, data = {}, headers = {} }: Answer): Error {
  return Object.assign(new Error(`Request failed with status code ${status}`), {
    isAxiosError: true,
    code: status >= 500 ? "ERR_BAD_RESPONSE" : "ERR_BAD_REQUEST",
    response: { status, data, headers },
  });
}

/** As the SDK wraps it since 0.17. */
function wrapper(answer: Answer): Error {
  return Object.assign(new Error("[object Object]", { cause: axiosError(answer) }), {
    status: answer.status,
    method: "POST",
    endpoint: "/api/v1/batch-memorize",
  });
}

/** A wrapper that has lost its cause. */
function bareWrapper({ status }: Answer): Error {
  return Object.assign(new Error("failed"), { status });
}

const shapes = { axios: axiosError, "wrapper with cause": wrapper };

class RateLimitExceededError extends Error {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super("rate limit exceeded");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

class AuthenticationError extends Error {}

const minute = { success: false, error: "rate_limit_exceeded", message: "Slow down", limit: 60, current: 61 };

describe.each(Object.entries(shapes))("a failure read from the shape: %s", (_, thrown) => {
  it.each<[string, Answer, Partial<Failure>]>([
    [
      "400 validation",
      { status: 400, data: { success: false, error: "validation_error", details: [{ path: "rows.0" }] } },
      { kind: "refused", status: 400, code: "validation_error", text: "HTTP 400, validation_error" },
    ],
    [
      "400 with an error object",
      { status: 400, data: { success: false, error: { code: "INVALID_PARAMS", message: "ada@example.com is odd" } } },
      { kind: "refused", status: 400, code: "INVALID_PARAMS", text: "HTTP 400, INVALID_PARAMS" },
    ],
    [
      "400 with words for an error",
      { status: 400, data: { success: false, error: "missing required identifier" } },
      { kind: "refused", status: 400, code: null, text: "HTTP 400" },
    ],
    [
      "401",
      { status: 401, data: { success: false, error: "authentication_error" } },
      { kind: "credentials", text: "HTTP 401, authentication_error" },
    ],
    ["402", { status: 402, data: { error: "INSUFFICIENT_CREDITS" } }, { kind: "credits" }],
    ["403", { status: 403, data: { error: "permission_error" } }, { kind: "permission" }],
    [
      "404 of something named",
      { status: 404, data: { error: "RECORD_NOT_FOUND" } },
      { kind: "absent", status: 404, code: "RECORD_NOT_FOUND" },
    ],
    ["404 of a path", { status: 404, data: "Cannot POST /api/v1/x" }, { kind: "absent", status: 404, code: null }],
    ["404 of a framework", { status: 404, data: { error: "Not Found" } }, { kind: "absent", code: null }],
    ["405", { status: 405 }, { kind: "refused", status: 405 }],
    ["408", { status: 408 }, { kind: "passing", applied: true }],
    ["409", { status: 409, data: { error: "VERSION_CONFLICT" } }, { kind: "refused", code: "VERSION_CONFLICT" }],
    ["410", { status: 410 }, { kind: "absent", status: 410 }],
    ["413 without JSON", { status: 413, data: "<html>too large</html>" }, { kind: "refused", status: 413, code: null }],
    [
      "429 of a minute",
      { status: 429, data: { ...minute, window: "per_minute", retryAfterSeconds: 42 } },
      { kind: "minute-limit", retryAfterMs: 42_000, text: "HTTP 429, rate_limit_exceeded" },
    ],
    ["429 without a window", { status: 429, data: minute }, { kind: "minute-limit", retryAfterMs: 60_000 }],
    ["429 without a body", { status: 429, data: "" }, { kind: "minute-limit", retryAfterMs: 60_000 }],
    [
      "429 with a Retry-After header",
      { status: 429, headers: { "retry-after": "17" } },
      { kind: "minute-limit", retryAfterMs: 17_000 },
    ],
    [
      "429 with a Retry-After that is a date",
      { status: 429, headers: { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" } },
      { kind: "minute-limit", retryAfterMs: 60_000 },
    ],
    [
      "429 with an empty Retry-After",
      { status: 429, headers: { "retry-after": "" } },
      { kind: "minute-limit", retryAfterMs: 60_000 },
    ],
    [
      "429 whose body and header differ: the body",
      { status: 429, data: { retryAfterSeconds: 5 }, headers: { "retry-after": "17" } },
      { kind: "minute-limit", retryAfterMs: 5000 },
    ],
    [
      "429 with a wait below zero",
      { status: 429, data: { retryAfterSeconds: -3 } },
      { kind: "minute-limit", retryAfterMs: 60_000 },
    ],
    [
      "429 of a month",
      { status: 429, data: { error: "RATE_LIMIT_EXCEEDED", window: "per_month", limit: 10_000, current: 10_001 } },
      { kind: "month-limit", limit: 10_000, current: 10_001 },
    ],
    [
      "429 of a month, without figures, with a wait",
      { status: 429, data: { window: "per_month", retryAfterSeconds: 3 } },
      { kind: "month-limit", limit: null, current: null },
    ],
    [
      "500",
      { status: 500, data: { error: "server_error", requestId: "req_1" } },
      { kind: "passing", applied: true, retryAfterMs: null, text: "HTTP 500, server_error" },
    ],
    ["502 without JSON", { status: 502, data: "<html>Bad Gateway</html>" }, { kind: "passing", applied: true }],
    [
      "503 with a Retry-After header",
      { status: 503, headers: { "retry-after": "3" } },
      { kind: "passing", applied: true, retryAfterMs: 3000 },
    ],
    ["200 that could not be read", { status: 200, data: "<html>" }, { kind: "passing", applied: true }],
  ])("%s", (__, answer, expected) => {
    expect(readFailure(thrown(answer))).toMatchObject(expected);
  });

  it("never passes on free text of the body, which may quote a row", () => {
    const secret = fc
      .tuple(fc.constantFrom("Jane", "jane.doe", "12 Elm Street", "+49 30 123456"), fc.constantFrom("", " is invalid"))
      .map(([value, rest]) => ({ value, said: value + rest }));
    const statuses = fc.constantFrom(400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 503);
    fc.assert(
      fc.property(statuses, secret, (status, { value, said }) => {
        for (const data of [
          said,
          { message: said },
          { error: said, details: [said] },
          { error: { code: said, message: said } },
          { error: { message: said }, window: said, message: said },
        ])
          expect(JSON.stringify(readFailure(thrown({ status, data })))).not.toContain(value);
      }),
    );
  });
});

describe("a failure read from other shapes", () => {
  it.each<[number, Failure["kind"]]>([
    [400, "refused"],
    [401, "credentials"],
    [402, "credits"],
    [403, "permission"],
    [404, "absent"],
    [429, "minute-limit"],
    [500, "passing"],
  ])("a bare `status` of %i is %s", (status, kind) => {
    expect(readFailure(bareWrapper({ status }))).toMatchObject({ kind });
  });

  it("takes the wait from a named class", () => {
    const withStatus = Object.assign(new RateLimitExceededError(9), { status: 429 });
    expect(readFailure(withStatus)).toMatchObject({ kind: "minute-limit", retryAfterMs: 9000 });
    expect(readFailure(Object.assign(wrapper({ status: 429 }), { retryAfterSeconds: 8 }))).toMatchObject({
      retryAfterMs: 8000,
    });
  });

  it("knows the named classes also where they carry no status", () => {
    expect(readFailure(new RateLimitExceededError(9))).toMatchObject({ kind: "minute-limit", retryAfterMs: 9000 });
    expect(readFailure(new AuthenticationError("bad key"))).toMatchObject({ kind: "credentials" });
    const renamed = Object.assign(new Error("bad key"), { name: "AuthenticationError" });
    expect(readFailure(renamed)).toMatchObject({ kind: "credentials" });
  });

  it.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "DEPTH_ZERO_SELF_SIGNED_CERT"])(
    "%s: nothing was done",
    (code) => {
      const axios = Object.assign(new Error(code), { isAxiosError: true, code, request: {} });
      const expected = { kind: "passing", applied: false, retryAfterMs: null, text: `no answer (${code})` };
      expect(readFailure(axios)).toEqual(expected);
      expect(readFailure(new Error("wrapped", { cause: axios }))).toEqual(expected);
    },
  );

  it.each(["ECONNRESET", "ETIMEDOUT", "ECONNABORTED", "EPIPE", "ERR_NETWORK", "SOMETHING_NEW"])(
    "%s: it may have been done all the same",
    (code) => {
      expect(readFailure(Object.assign(new Error(code), { code }))).toMatchObject({ kind: "passing", applied: true });
    },
  );

  it.each([undefined, null, "text", 7, new Error("plain"), {}])(
    "%j: no answer, and it may have been done",
    (thrown) => {
      expect(readFailure(thrown)).toEqual({ kind: "passing", applied: true, retryAfterMs: null, text: "no answer" });
    },
  );
});

describe("an envelope", () => {
  it.each([{ success: true, data: {} }, { data: [] }, {}])("%j is a success", (envelope) => {
    expect(readEnvelopeFailure(envelope)).toBeNull();
  });

  it.each(["<html>", "", null, undefined, 200])("%j is no envelope: the request may have been applied", (envelope) => {
    expect(readEnvelopeFailure(envelope)).toMatchObject({ kind: "passing", applied: true });
  });

  it("that says `success: false` is a failure, with its code and never its words", () => {
    expect(readEnvelopeFailure({ success: false, error: "server_error", message: "Jane" })).toMatchObject({
      kind: "passing",
      applied: true,
      text: "success: false (server_error)",
    });
    expect(readEnvelopeFailure({ success: false, error: "Jane Doe" })).toMatchObject({ text: "success: false" });
    expect(readEnvelopeFailure({ success: false, error: { code: "A_CODE" } })).toMatchObject({
      text: "success: false (A_CODE)",
    });
  });
});
