import { type Fault, startPersonizeApi } from "@acme/personize-api";
import { describe, expect, it } from "vitest";
import type { Failure } from "../../../packages/sync-core/src/personize/read-failure.ts";
import { batchOfPeople } from "./batch-of-people.ts";
import { createSdk, errorShapes, type FailedCall, failureOf, KEY, startApi } from "./contract.ts";

const TIMEOUT_MS = 400;
const passing: Partial<Failure> = { kind: "passing", applied: true };
const batch = batchOfPeople(new Map(), [{ email: "ada@example.com", id: "1" }]);

function expectNoSecret({ failure, thrown }: FailedCall): void {
  const said = [JSON.stringify(failure), String(thrown)];
  for (let error = thrown; error instanceof Error; error = error.cause) said.push(error.message, error.stack ?? "");
  expect(said.join("\n")).not.toContain(KEY);
}

/** Fault at the server → what production must make of the call. */
const faults: readonly [string, Fault, Partial<Failure>][] = [
  ["400", { kind: "validation" }, { kind: "refused", status: 400, code: "validation_error" }],
  ["400 with an object", { kind: "error-object" }, { kind: "refused", status: 400, code: "validation_error" }],
  ["401", { kind: "unauthorized" }, { kind: "credentials" }],
  ["402", { kind: "insufficient-credits" }, { kind: "credits" }],
  ["403", { kind: "forbidden" }, { kind: "permission" }],
  ["404", { kind: "not-found" }, { kind: "absent", status: 404, code: "not_found_error" }],
  ["410", { kind: "custom", status: 410, body: { success: false, error: "gone" } }, { kind: "absent", status: 410 }],
  ["413", { kind: "payload-too-large" }, { kind: "refused", status: 413 }],
  [
    "429 of a minute with a hint",
    { kind: "rate-limit-minute", retryAfterSeconds: 7 },
    { kind: "minute-limit", retryAfterMs: 7000 },
  ],
  ["429 of a minute without a hint", { kind: "rate-limit-no-hint" }, { kind: "minute-limit", retryAfterMs: 60_000 }],
  [
    "429 with the hint in a header only",
    { kind: "custom", status: 429, body: { success: false }, headers: { "Retry-After": "9" } },
    { kind: "minute-limit", retryAfterMs: 9000 },
  ],
  [
    "429 of a month",
    { kind: "rate-limit-month" },
    { kind: "month-limit", limit: Number.MAX_SAFE_INTEGER, current: Number.MAX_SAFE_INTEGER },
  ],
  ["500", { kind: "server-error" }, passing],
  ["500 that asks to wait", { kind: "custom", headers: { "Retry-After": "3" } }, { ...passing, retryAfterMs: 3000 }],
  ["502 that is a page", { kind: "non-json", status: 502 }, passing],
  ["503", { kind: "server-error", status: 503 }, passing],
  ["200 that is a page", { kind: "non-json" }, passing],
  ["200 that says it failed", { kind: "success-false" }, passing],
  ["a reset before the request was read", { kind: "reset-before" }, passing],
  ["a reset after it was carried out", { kind: "reset-after" }, passing],
  ["an answer that breaks off", { kind: "truncated-body" }, passing],
  ["no answer in time", { kind: "hang-before" }, passing],
  ["half an answer in time", { kind: "slow-body", delayMs: TIMEOUT_MS * 4 }, passing],
];

describe.each(errorShapes)("failures, in the error shape: %s", (errorShape) => {
  it.each(faults)("%s: read as it is meant, one request, no secret", async (_, fault, expected) => {
    const api = await startApi({ unknownCollection: "wrong-bucket" });
    api.control.addFault({ ...fault, times: 5 });
    const sdk = createSdk(api.url, { timeout: TIMEOUT_MS, errorShape });
    const failed = await failureOf(sdk.memory.memorizeBatch(batch));
    expect(failed.failure).toMatchObject(expected);
    expectNoSecret(failed);
    expect(api.control.requests()).toHaveLength(1);
  });

  it.each(faults)("%s: the same through the HTTP client of the SDK", async (_, fault, expected) => {
    const api = await startApi({ unknownCollection: "wrong-bucket" });
    api.control.addFault({ ...fault, times: 5 });
    const sdk = createSdk(api.url, { timeout: TIMEOUT_MS, errorShape });
    const url = new URL("/api/v1/events", api.url).href;
    const failed = await failureOf(sdk.client.get(url, { params: { limit: 1 } }).then(({ data }) => data));
    expect(failed.failure).toMatchObject(expected);
    expectNoSecret(failed);
    expect(api.control.requests()).toHaveLength(1);
  });

  it("an event that nobody knows is absent", async () => {
    const api = await startApi();
    const sdk = createSdk(api.url, { errorShape });
    const { failure } = await failureOf(sdk.client.get(new URL("/api/v1/events/evt_unknown", api.url).href));
    expect(failure).toMatchObject({ kind: "absent", status: 404 });
  });

  it("a key that nobody knows is a matter of credentials", async () => {
    const api = await startApi({ organizations: [{ keys: ["sk_test_another"] }] });
    const failed = await failureOf(createSdk(api.url, { errorShape }).me());
    expect(failed.failure).toMatchObject({ kind: "credentials" });
    expectNoSecret(failed);
  });

  it("nobody listening: nothing was done", async () => {
    const api = await startPersonizeApi();
    await api.close();
    const failed = await failureOf(createSdk(api.url, { errorShape }).memory.memorizeBatch(batch));
    expect(failed.failure).toMatchObject({ kind: "passing", applied: false });
    expectNoSecret(failed);
  });
});

describe("an answer that was lost", () => {
  it("may have been applied, as production takes it", async () => {
    const api = await startApi({ unknownCollection: "wrong-bucket" });
    api.control.addFault({ kind: "reset-after" });
    const { failure } = await failureOf(createSdk(api.url).memory.memorizeBatch(batch));
    expect(failure).toMatchObject(passing);
    expect(api.control.events()).toHaveLength(1);
  });
});
