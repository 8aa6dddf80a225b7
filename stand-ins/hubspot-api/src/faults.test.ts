import { describe, expect, test } from "vitest";
import { listAll, startTestApi, TOKEN } from "./__fixtures__/start-test-api.ts";
import type { Fault } from "./faults.ts";

const path = "/crm/v3/objects/contacts";

test.each([
  [{ kind: "unauthorized" }, 401, { category: "INVALID_AUTHENTICATION" }],
  [{ kind: "token-expired" }, 401, { category: "EXPIRED_AUTHENTICATION" }],
  [{ kind: "token-undecodable" }, 401, { context: { "expire time": ["1970-01-01T00:00:00Z"] } }],
  [
    { kind: "forbidden", scopes: ["tickets"] },
    403,
    {
      category: "MISSING_SCOPES",
      errors: [{ message: expect.any(String), context: { requiredGranularScopes: ["tickets"] } }],
    },
  ],
  [{ kind: "banned" }, 403, { category: "BANNED" }],
  [{ kind: "not-found" }, 404, { message: "resource not found" }],
  [{ kind: "validation" }, 400, { category: "VALIDATION_ERROR" }],
  [{ kind: "rate-limit-ten-secondly" }, 429, { policyName: "TEN_SECONDLY_ROLLING" }],
  [{ kind: "rate-limit-secondly" }, 429, { policyName: "SECONDLY" }],
  [{ kind: "rate-limit-daily" }, 429, { policyName: "DAILY" }],
  [{ kind: "locked" }, 423, { status: "error" }],
  [{ kind: "migrating" }, 477, { status: "error" }],
  [{ kind: "server-error", status: 503 }, 503, { category: "INTERNAL_ERROR" }],
  [{ kind: "bad-refresh-token" }, 400, { status: "BAD_REFRESH_TOKEN" }],
  [{ kind: "bad-hub" }, 400, { status: "BAD_HUB" }],
  [{ kind: "bad-client" }, 400, { status: "BAD_CLIENT_SECRET" }],
  [{ kind: "custom", status: 418, body: { tea: true } }, 418, { tea: true }],
] satisfies readonly [Fault, number, object][])("%j is %i", async (fault, status, body) => {
  const { get, control } = await startTestApi();
  control.addFault(fault);
  const answer = await get(path);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toMatchObject(body);
  expect((await get(path)).status).toBe(200);
  expect(control.requests()[0]).toMatchObject({ status, faults: [fault.kind] });
});

test.each([
  [{ kind: "edge-error", status: 524 }, 524, /^text\/html/, /<h1>524/],
  [{ kind: "uri-too-long" }, 414, /^text\/html/, /Request-URI Too Large/],
  [{ kind: "non-json" }, 200, /json/, /^<html>/],
  [{ kind: "empty-body", status: 502 }, 502, undefined, /^$/],
] satisfies readonly [Fault, number, RegExp | undefined, RegExp][])(
  "%j is not JSON",
  async (fault, status, type, text) => {
    const { get, control } = await startTestApi();
    control.addFault(fault);
    const answer = await get(path);
    expect(answer.status).toBe(status);
    if (type === undefined) expect(answer.headers.get("content-type")).toBeNull();
    else expect(answer.headers.get("content-type")).toMatch(type);
    expect(answer.text).toMatch(text);
  },
);

test("Retry-After: 477 always has one, a 429 when asked for", async () => {
  const { get, control } = await startTestApi();
  const hint = async (fault: Fault) => {
    control.addFault(fault);
    return (await get(path)).headers.get("retry-after");
  };
  expect(await hint({ kind: "migrating" })).toBe("3600");
  expect(await hint({ kind: "migrating", retryAfterSeconds: 7 })).toBe("7");
  expect(await hint({ kind: "migrating", retryAfterSeconds: null })).toBeNull();
  expect(await hint({ kind: "rate-limit-secondly" })).toBeNull();
  expect(await hint({ kind: "rate-limit-secondly", retryAfterSeconds: 2 })).toBe("2");
});

test("a fault hits by method, path, nth and times", async () => {
  const { get, search, control } = await startTestApi();
  const id = control.addFault({ kind: "locked", method: "POST", path: "/search$", nth: 2, times: 2 });
  const statuses = [await get(path), await search({}), await search({}), await search({}), await search({})];
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 423, 423, 200]);
  expect(control.faults()).toMatchObject([{ id, matched: 4, hits: 2 }]);
  control.removeFault(id);
  expect(control.faults()).toEqual([]);
});

test("or by chance, the same for the same seed", async () => {
  const run = async () => {
    const { get, control } = await startTestApi();
    control.addFault({ kind: "server-error", probability: 0.3, seed: 5 });
    const statuses: number[] = [];
    for (let call = 0; call < 40; call += 1) statuses.push((await get(path)).status);
    return statuses;
  };
  const first = await run();
  expect(first.filter((status) => status === 500).length).toBeGreaterThan(4);
  expect(first).toContain(200);
  expect(await run()).toEqual(first);
});

test("an answer fault does nothing and counts nothing, unless applied", async () => {
  const { post, control } = await startTestApi();
  control.addFault({ kind: "server-error" });
  await post(path, { properties: { city: "a" } });
  expect(control.counts().records).toEqual({});
  control.addFault({ kind: "server-error", applied: true });
  expect((await post(path, { properties: { city: "a" } })).status).toBe(500);
  expect(control.counts().records).toEqual({ contacts: { live: 1, archived: 0 } });
  expect(control.usage().tenSecondCalls).toBe(1);
});

describe("connection", () => {
  test.each([
    ["reset-before", false],
    ["reset-after", true],
    ["truncated-body", true],
  ] as const)("%s breaks the call; it was carried out: %s", async (kind, applied) => {
    const { post, control } = await startTestApi();
    control.addFault({ kind });
    await expect(post(path, { properties: { city: "a" } })).rejects.toThrow();
    expect("contacts" in control.counts().records).toBe(applied);
  });

  test.each([
    ["hang-before", false],
    ["hang-after", true],
  ] as const)("%s never answers; it was carried out: %s", async (kind, applied) => {
    const { url, control } = await startTestApi();
    control.addFault({ kind });
    const call = fetch(`${url}${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ properties: {} }),
      signal: AbortSignal.timeout(200),
    });
    await expect(call).rejects.toThrow();
    expect("contacts" in control.counts().records).toBe(applied);
    await expect.poll(() => control.requests()[0]?.aborted).toBe(true);
  });

  test.each(["slow-headers", "slow-body"] as const)("%s takes its time", async (kind) => {
    const { get, control } = await startTestApi();
    control.addFault({ kind, delayMs: 150 });
    const before = performance.now();
    expect((await get(path)).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(140);
  });
});

describe("pages", () => {
  test("a short or empty page of a list still has a next, and nothing is lost", async () => {
    const api = await startTestApi({ portal: { contacts: 40 } });
    api.control.addFault({ kind: "empty-page" });
    api.control.addFault({ kind: "short-page", nth: 2 });
    const { ids, sizes } = await listAll(api, `${path}?limit=10`);
    expect(sizes).toEqual([0, 5, 10, 10, 10, 5]);
    expect(new Set(ids).size).toBe(40);
  });

  test("of a search too", async () => {
    const { search, control } = await startTestApi({ portal: { contacts: 40 } });
    control.addFault({ kind: "short-page" });
    control.addFault({ kind: "empty-page", nth: 2 });
    const first = await search({ limit: 10 });
    expect([first.each("results", "id").length, first.at("paging.next.after")]).toEqual([5, "5"]);
    const second = await search({ limit: 10, after: "5" });
    expect([second.at("results"), second.at("paging.next.after")]).toEqual([[], "5"]);
  });
});

test("an unknown kind is RangeError", async () => {
  const { control } = await startTestApi();
  // @ts-expect-error no such kind
  expect(() => control.addFault({ kind: "earthquake" })).toThrow(RangeError);
});
