import { createSign, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { START_MS, startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

const JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const other = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

function sign(claims: object = {}, key = privateKey, algorithm = "RS256"): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const usual = {
    iss: "stand-in-client",
    sub: "sync@acme.example",
    aud: "https://login.salesforce.com",
    exp: START_MS / 1000 + 120,
  };
  const text = `${encode({ alg: algorithm })}.${encode({ ...usual, ...claims })}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}

const limits = (api: TestApi, token: unknown) => api.get("/limits", { Authorization: `Bearer ${String(token)}` });

test("client credentials answer a token that works, the instance and the identity; no expires_in and no refresh token", async () => {
  const api = await startTestApi();
  const issued = await api.oauth({ grant_type: "client_credentials" });
  expect(JSON.parse(issued.text)).toEqual({
    access_token: expect.stringMatching(/^00D\w{12}!AQ/),
    signature: expect.any(String),
    scope: "api refresh_token",
    instance_url: api.url,
    id: expect.stringMatching(new RegExp(`^${api.url}/id/00D\\w{15}/005\\w{15}$`)),
    token_type: "Bearer",
    issued_at: String(START_MS),
  });
  const token = issued.at("access_token");
  expect((await limits(api, token)).status).toBe(200);
  const identity = await api.get(new URL(String(issued.at("id"))).pathname);
  expect(identity.at("username")).toBe("sync@acme.example");
  const info = await api.get("/services/oauth2/userinfo");
  expect(info.at("organization_id")).toBe(identity.at("organization_id"));
  expect(info.at("user_id")).toBe(identity.at("user_id"));
});

test("a client may name itself by HTTP Basic", async () => {
  const api = await startTestApi();
  const login = (client: string) =>
    fetch(`${api.url}/services/oauth2/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${Buffer.from(client).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
  expect((await login("stand-in-client:stand-in-secret")).status).toBe(200);
  expect(await (await login("stand-in-client:wrong")).json()).toMatchObject({ error: "invalid_client" });
});

test("the user who logs in is a row of the org", async () => {
  const api = await startTestApi({ users: [{}, { username: "second@acme.example" }] });
  const info = await api.get("/services/oauth2/userinfo");
  const user = await api.query(`SELECT Username FROM User WHERE Id = '${String(info.at("user_id"))}'`);
  expect(user.each("records", "Username")).toEqual(["sync@acme.example"]);
});

test.each([
  [{ client_id: "nobody" }, "invalid_client_id"],
  [{ client_secret: "wrong" }, "invalid_client"],
  [{ grant_type: "authorization_code" }, "unsupported_grant_type"],
  [
    { grant_type: "password", username: "sync@acme.example", password: "stand-in-passwordstand-in-token" },
    "invalid_grant",
  ],
  [{ grant_type: "refresh_token", refresh_token: "unknown" }, "invalid_grant"],
])("%j is refused with an object, not with the array of REST", async (form, error) => {
  const refused = await (await startTestApi()).oauth({ grant_type: "client_credentials", ...form });
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.text)).toEqual({ error, error_description: expect.any(String) });
});

test("an app may be kept to some flows, run as another user, and be refused client credentials by its host", async () => {
  const api = await startTestApi({
    users: [{}, { username: "second@acme.example" }],
    apps: [{ runAs: "second@acme.example", grants: ["client-credentials"] }],
  });
  expect((await api.get("/services/oauth2/userinfo")).at("preferred_username")).toBe("second@acme.example");
  const refresh = await api.oauth({ grant_type: "refresh_token", refresh_token: "stand-in-refresh" });
  expect(refresh.at("error")).toBe("unauthorized_client");
  api.control.setKnobs({ clientCredentialsHost: "refused" });
  expect((await api.oauth({ grant_type: "client_credentials" })).at("error")).toBe("invalid_grant");
});

test("username and password with the security token, where the org takes them", async () => {
  const api = await startTestApi({ passwordFlow: true });
  const login = (password: string) => api.oauth({ grant_type: "password", username: "sync@acme.example", password });
  expect((await limits(api, (await login("stand-in-passwordstand-in-token")).at("access_token"))).status).toBe(200);
  expect((await login("stand-in-password")).at("error_description")).toBe("authentication failure");
});

test("a JWT signed with the app's key gets a token", async () => {
  const api = await startTestApi({ apps: [{ publicKey }] });
  const issued = await api.oauth({ grant_type: JWT_GRANT, assertion: sign() });
  expect((await limits(api, issued.at("access_token"))).status).toBe(200);
});

test.each([
  ["another key", () => sign({}, other.privateKey), "invalid assertion"],
  ["another algorithm", () => sign({}, privateKey, "none"), "invalid assertion"],
  ["no JWT at all", () => "x.y", "invalid assertion"],
  ["an unknown app", () => sign({ iss: "nobody" }), "client identifier invalid"],
  ["the audience of a sandbox", () => sign({ aud: "https://test.salesforce.com" }), "audience is invalid"],
  ["an end in the past", () => sign({ exp: START_MS / 1000 - 1 }), "expired authorization code"],
  ["an end in milliseconds", () => sign({ exp: START_MS + 120_000 }), "expired authorization code"],
  ["an end too far ahead", () => sign({ exp: START_MS / 1000 + 301 }), "expired authorization code"],
  ["no end", () => sign({ exp: undefined }), "expired authorization code"],
  ["an unknown user", () => sign({ sub: "nobody@acme.example" }), "user hasn't approved this consumer"],
])("a JWT with %s is refused", async (_, assertion, description) => {
  const api = await startTestApi({ apps: [{ publicKey }] });
  const refused = await api.oauth({ grant_type: JWT_GRANT, assertion: assertion() });
  expect([refused.status, refused.at("error_description")]).toEqual([400, description]);
});

test("a JWT of a user who did not approve the app, of an app without a key, of a sandbox, of a skewed clock", async () => {
  const api = await startTestApi({
    apps: [{ publicKey, approvedUsers: [] }],
    org: { sandbox: true },
    jwtSkewSeconds: 60,
  });
  const aud = "https://test.salesforce.com";
  const exp = START_MS / 1000 - 30;
  const refused = await api.oauth({ grant_type: JWT_GRANT, assertion: sign({ aud, exp }) });
  expect(refused.at("error_description")).toBe("user hasn't approved this consumer");
  api.control.addApp({ clientId: "second", refreshToken: "second-refresh" });
  const keyless = await api.oauth({ grant_type: JWT_GRANT, assertion: sign({ aud, exp, iss: "second" }) });
  expect(keyless.at("error_description")).toBe("invalid assertion");
  api.control.addApp({ clientId: "third", refreshToken: "third-refresh", publicKey });
  expect((await api.oauth({ grant_type: JWT_GRANT, assertion: sign({ aud, exp, iss: "third" }) })).status).toBe(200);
});

test("a refresh token can be used again and again, until it is revoked", async () => {
  const api = await startTestApi();
  const refresh = () => api.oauth({ grant_type: "refresh_token", refresh_token: "stand-in-refresh" });
  expect((await refresh()).at("refresh_token")).toBeUndefined();
  expect((await refresh()).status).toBe(200);
  const revoke = await fetch(`${api.url}/services/oauth2/revoke`, { method: "POST", body: "token=stand-in-refresh" });
  expect(revoke.status).toBe(200);
  expect((await refresh()).at("error_description")).toBe("expired access/refresh token");
});

test("with rotation a refresh token works once; shown again it takes the newer ones with it", async () => {
  const api = await startTestApi({ refreshRotation: true });
  const refresh = (refresh_token: unknown) =>
    api.oauth({ grant_type: "refresh_token", refresh_token: String(refresh_token) });
  const second = (await refresh("stand-in-refresh")).at("refresh_token");
  const third = (await refresh(second)).at("refresh_token");
  expect(new Set(["stand-in-refresh", second, third]).size).toBe(3);
  expect((await refresh("stand-in-refresh")).at("error")).toBe("invalid_grant");
  expect((await refresh(third)).at("error")).toBe("invalid_grant");
});

test("a refresh token belongs to its app", async () => {
  const api = await startTestApi();
  api.control.addApp({ clientId: "second", refreshToken: "second-refresh" });
  expect((await api.oauth({ grant_type: "refresh_token", refresh_token: "second-refresh" })).status).toBe(400);
  expect(() => api.control.addApp({ clientId: "second" })).toThrow(RangeError);
});

test("a session ends when nobody used it for its time; use moves the end, unless it is told not to", async () => {
  const api = await startTestApi({ sessionSeconds: 100 });
  const token = await api.login();
  api.control.advanceClock(99_000);
  expect((await limits(api, token)).status).toBe(200);
  api.control.advanceClock(99_000);
  expect((await limits(api, token)).status).toBe(200);
  api.control.setKnobs({ sessionRenewal: false });
  api.control.advanceClock(99_000);
  expect((await limits(api, token)).status).toBe(200);
  api.control.advanceClock(1000);
  const ended = await limits(api, token);
  expect(ended.status).toBe(401);
  expect(JSON.parse(ended.text)).toEqual([{ message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" }]);
});

test("sessions can be ended, revoked and be nonsense; a user's API can be switched off", async () => {
  const api = await startTestApi();
  const token = await api.login();
  expect(await limits(api, "nonsense")).toMatchObject({ status: 401, code: "INVALID_SESSION_ID" });
  api.control.setUser({ apiEnabled: false });
  expect(await limits(api, token)).toMatchObject({ status: 403, code: "API_CURRENTLY_DISABLED" });
  api.control.setUser({ apiEnabled: true });
  api.control.revokeToken(token);
  expect((await limits(api, token)).status).toBe(401);
  const second = await api.login();
  api.control.expireSessions();
  expect((await limits(api, second)).status).toBe(401);
  api.control.revokeAll();
  expect((await api.oauth({ grant_type: "refresh_token", refresh_token: "stand-in-refresh" })).status).toBe(400);
  const bare = await fetch(`${api.url}/services/data/v66.0/limits`);
  expect(bare.status).toBe(401);
});

test("the instance may be another address; data calls elsewhere are unauthorized or sent there", async () => {
  const api = await startTestApi();
  const instanceUrl = `http://localhost:${api.port}`;
  api.control.setKnobs({ instanceUrl, wrongHost: "unauthorized" });
  const issued = await api.oauth({ grant_type: "client_credentials" });
  expect(issued.at("instance_url")).toBe(instanceUrl);
  expect((await limits(api, issued.at("access_token"))).status).toBe(401);
  api.control.setKnobs({ wrongHost: "redirect" });
  const redirected = await limits(api, issued.at("access_token"));
  expect([redirected.status, redirected.headers.get("location")]).toEqual([
    302,
    `${instanceUrl}/services/data/v66.0/limits`,
  ]);
  api.control.setKnobs({ instanceUrl: `${api.url}/`, wrongHost: "unauthorized" });
  expect((await limits(api, issued.at("access_token"))).status).toBe(200);
});

function soap(
  api: TestApi,
  version: string,
  password = "stand-in-passwordstand-in-token",
  username = "sync@acme.example",
) {
  const body =
    `<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Body><login xmlns="urn:partner.soap.sforce.com">` +
    `<username>${username}</username><password>${password}</password></login></se:Body></se:Envelope>`;
  return fetch(`${api.url}/services/Soap/u/${version}`, {
    method: "POST",
    headers: { "Content-Type": "text/xml", SOAPAction: '""' },
    body,
  });
}

test("SOAP login answers a session that REST takes, as long as the org takes it", async () => {
  const api = await startTestApi({ users: [{ password: "a&b<c", passwordExpired: true }] });
  const refused = await soap(api, "64.0");
  expect([refused.status, await refused.text()]).toEqual([
    500,
    expect.stringContaining("INVALID_OPERATION: SOAP API login() is disabled by default"),
  ]);
  api.control.setKnobs({ soapLogin: true });
  const answer = await soap(api, "64.0", "a&amp;b&lt;cstand-in-token");
  const text = await answer.text();
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  expect(element("serverUrl")).toMatch(new RegExp(`^${api.url}/services/Soap/u/64.0/00D\\w{12}$`));
  expect(element("organizationId")).toMatch(/^00D\w{15}$/);
  expect(element("userId")).toMatch(/^005\w{15}$/);
  expect([element("passwordExpired"), element("sandbox"), element("sessionSecondsValid")]).toEqual([
    "true",
    "false",
    "7200",
  ]);
  expect((await limits(api, element("sessionId"))).status).toBe(200);
});

test.each([
  [
    "64.0",
    "wrong",
    "sf:INVALID_LOGIN",
    "INVALID_LOGIN: Invalid username, password, security token; or user locked out.",
  ],
  [
    "65.0",
    undefined,
    "sf:INVALID_OPERATION",
    "The SOAP Login operation is not available in the API version specified (65.0)",
  ],
  ["30.0", undefined, "sf:UNSUPPORTED_API_VERSION", "retired"],
])("SOAP login of version %s with password %s is a fault", async (version, password, code, words) => {
  const answer = await soap(await startTestApi({ soapLogin: true }), version, password);
  expect(answer.status).toBe(500);
  const text = await answer.text();
  expect(text).toContain(`<faultcode>${code}</faultcode>`);
  expect(text).toContain(words);
});
