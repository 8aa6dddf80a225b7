import { describe, expect, test } from "vitest";
import { START_MS, startTestApi } from "./__fixtures__/start-test-api.ts";

const path = "/crm/v3/objects/contacts";

test("without credentials: 401 INVALID_AUTHENTICATION with links", async () => {
  const { get } = await startTestApi();
  for (const Authorization of ["", "Basic abc"]) {
    const answer = await get(path, { Authorization });
    expect(answer.status).toBe(401);
    expect(answer.at("category")).toBe("INVALID_AUTHENTICATION");
    expect(answer.at("links")).toBeDefined();
    expect(answer.headers.get("x-hubspot-correlation-id")).toBe(answer.at("correlationId"));
  }
});

test("something that is no token has expired twenty thousand days ago, in 1970", async () => {
  const { get } = await startTestApi();
  const answer = await get(path, { Authorization: "Bearer pat-eu1-typo" });
  expect([answer.status, answer.at("category")]).toEqual([401, "EXPIRED_AUTHENTICATION"]);
  expect(answer.at("message")).toMatch(/expired 207\d\d day\(s\) ago\.$/);
  expect(answer.at("context")).toEqual({ "expire time": ["1970-01-01T00:00:00Z"] });
});

test.each(["private-app", "service-key"] as const)(
  "a token of a %s never expires, and can be revoked",
  async (kind) => {
    const { get, control } = await startTestApi({ apps: [{ kind, token: "secret-1" }] });
    control.advanceClock(10 * 365 * 86_400_000);
    const headers = { Authorization: "Bearer secret-1" };
    expect((await get(path, headers)).status).toBe(200);
    control.revokeToken("secret-1");
    expect((await get(path, headers)).status).toBe(401);
  },
);

describe("scopes", () => {
  test("a missing one is 403 MISSING_SCOPES, for that type only", async () => {
    const { get, search, batchRead } = await startTestApi({ apps: [{ scopes: ["crm.objects.contacts.read"] }] });
    expect((await get(path)).status).toBe(200);
    for (const answer of [
      await get("/crm/v3/objects/tickets"),
      await search({}, "tickets"),
      await batchRead(["1"], {}, "tickets"),
    ]) {
      expect([answer.status, answer.at("category")]).toEqual([403, "MISSING_SCOPES"]);
      expect(answer.at("errors.0.context.requiredGranularScopes")).toEqual(["tickets"]);
      expect(answer.at("message")).toMatch(/^This app hasn't been granted all required scopes/);
      expect(answer.at("links.scopes")).toBeDefined();
    }
  });

  test("schemas put the list straight into context", async () => {
    const { get } = await startTestApi({ apps: [{ scopes: ["tickets"] }] });
    const answer = await get("/crm-object-schemas/v3/schemas");
    expect([answer.status, answer.at("category")]).toEqual([403, "MISSING_SCOPES"]);
    expect(answer.at("message")).toBe("One or more of the following scopes are required.");
    expect(answer.at("context.requiredGranularScopes")).toContain("crm.schemas.custom.read");
  });

  test("they can be granted and taken while running", async () => {
    const { get, control } = await startTestApi();
    control.setScopes(["crm.objects.owners.read"]);
    expect((await get(path)).status).toBe(403);
    expect((await get("/crm/v3/owners/")).status).toBe(200);
    control.setScopes(["crm.objects.contacts.read"]);
    expect((await get(path)).status).toBe(200);
  });

  test("a type outside the account's plan is 403, the others are not", async () => {
    const { get } = await startTestApi({ unentitledTypes: ["tickets", "custom"] });
    expect((await get("/crm/v3/objects/tickets")).status).toBe(403);
    expect((await get("/crm/v3/schemas")).status).toBe(403);
    expect((await get(path)).status).toBe(200);
  });

  test("sensitive properties are invisible without their own scope", async () => {
    const scopes = ["crm.objects.contacts.read", "crm.objects.contacts.sensitive.read.v2"];
    const { get, control, search } = await startTestApi({ apps: [{ scopes }] });
    control.create("contacts", { passport_remark: "seen" });
    const read = async () => (await get(`${path}?properties=passport_remark`)).at("results.0.properties");
    const list = async () =>
      (await get("/crm/v3/properties/contacts?dataSensitivity=sensitive")).each("results", "name");
    expect(await read()).toMatchObject({ passport_remark: "seen" });
    expect(await list()).toEqual(["passport_remark"]);
    expect((await search({ properties: ["passport_remark"] })).at("results.0.properties")).toHaveProperty(
      "passport_remark",
    );
    control.setScopes(["crm.objects.contacts.read"]);
    expect(await read()).not.toHaveProperty("passport_remark");
    expect(await list()).toEqual([]);
  });
});

describe("OAuth", () => {
  const form = { grant_type: "refresh_token", refresh_token: "stand-in-refresh" };

  test("a refresh answers a token that works for 1,800 seconds", async () => {
    const { oauth, get, control } = await startTestApi();
    const answer = await oauth("/oauth/2026-03/token", form);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ expires_in: 1800, token_type: "bearer", hub_id: 4242 });
    expect(answer.at("scopes")).toContain("tickets");
    const headers = { Authorization: `Bearer ${String(answer.at("access_token"))}` };
    control.advanceClock(1_799_999);
    expect((await get(path, headers)).status).toBe(200);
    control.advanceClock(12_001);
    const expired = await get(path, headers);
    expect([expired.status, expired.at("category")]).toEqual([401, "EXPIRED_AUTHENTICATION"]);
    expect(expired.at("message")).toBe("The OAuth token used to make this call expired 12 second(s) ago.");
    expect(expired.at("context")).toEqual({ "expire time": [new Date(START_MS + 1_800_000).toISOString()] });
  });

  test("the v1 form has neither hub nor scopes", async () => {
    const { oauth } = await startTestApi();
    const answer = await oauth("/oauth/v1/token", form);
    expect(Object.keys(JSON.parse(answer.text)).toSorted()).toEqual([
      "access_token",
      "expires_in",
      "refresh_token",
      "token_type",
    ]);
  });

  test.each([
    ["same", [true, true]],
    ["keep-old", [true, true]],
    ["revoke-old", [false, true]],
  ] as const)("rotation %s: old and new refresh token work: %j", async (refreshRotation, works) => {
    const { oauth } = await startTestApi({ refreshRotation });
    const rotated = String((await oauth("/oauth/v3/token", form)).at("refresh_token"));
    expect(rotated === "stand-in-refresh").toBe(refreshRotation === "same");
    const statuses: boolean[] = [];
    for (const refresh_token of ["stand-in-refresh", rotated]) {
      statuses.push((await oauth("/oauth/v3/token", { ...form, refresh_token })).status === 200);
    }
    expect(statuses).toEqual(works);
  });

  test.each([
    [{ refresh_token: "nothing" }, "BAD_REFRESH_TOKEN", "invalid_grant"],
    [{ client_id: "nobody" }, "BAD_CLIENT_ID", "invalid_client"],
    [{ client_secret: "wrong" }, "BAD_CLIENT_SECRET", "invalid_client"],
  ])("%j is 400 %s", async (wrong, status, error) => {
    const { oauth } = await startTestApi();
    const answer = await oauth("/oauth/2026-09/token", { ...form, ...wrong });
    expect([answer.status, answer.at("status"), answer.at("error")]).toEqual([400, status, error]);
    expect(answer.at("error_description")).toBe(answer.at("message"));
  });

  test("a disconnected portal is BAD_HUB, an uninstalled app BAD_REFRESH_TOKEN and 401", async () => {
    const { oauth, get, control } = await startTestApi({ apps: [{ kind: "oauth" }] });
    const token = String((await oauth("/oauth/v3/token", form)).at("access_token"));
    control.setDisconnected(true);
    const gone = await oauth("/oauth/v3/token", form);
    expect([gone.status, gone.at("status"), gone.at("error")]).toEqual([400, "BAD_HUB", "access_denied"]);
    control.setDisconnected(false);
    control.revokeApp();
    expect((await oauth("/oauth/v3/token", form)).at("status")).toBe("BAD_REFRESH_TOKEN");
    expect((await get(path, { Authorization: `Bearer ${token}` })).status).toBe(401);
  });

  test("tokens can be described, expired and revoked", async () => {
    const { oauth, get, send, control } = await startTestApi();
    const issued = await oauth("/oauth/v3/token", form);
    const token = String(issued.at("access_token"));
    expect((await oauth("/oauth/2026-03/token/introspect", { token })).at("expires_in")).toBe(1800);
    expect((await get(`/oauth/v1/access-tokens/${token}`)).at("hub_id")).toBe(4242);
    control.expireAccessTokens();
    expect((await get(path, { Authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await send("DELETE", "/oauth/v1/refresh-tokens/stand-in-refresh")).status).toBe(204);
    expect((await oauth("/oauth/v3/token", form)).status).toBe(400);
    await oauth("/oauth/v3/token/revoke", { token: String(issued.at("refresh_token")) });
    const refused = await oauth("/oauth/v3/token", { ...form, refresh_token: String(issued.at("refresh_token")) });
    expect(refused.at("status")).toBe("BAD_REFRESH_TOKEN");
  });
});
