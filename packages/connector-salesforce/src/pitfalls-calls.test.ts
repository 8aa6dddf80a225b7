import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthError, ConfigError, QuotaStop, SyncError, TransientError } from "@acme/sync-core";
import { createReader, createTestRuntime, keysOf, never, readAll, rowsOf, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { salesforceConfig } from "./config.ts";
import { toInstanceUrl } from "./log-in.ts";
import { createSalesforceSource } from "./source.ts";
import { onRequest } from "./__fixtures__/on-request.ts";
import {
  CLIENT,
  HOUR,
  MINUTE,
  missingOf,
  noticesOf,
  SECRETS,
  type Settings,
  startOrg,
  type TestOrg,
} from "./__fixtures__/org.ts";

let org: TestOrg | null = null;
const folders: string[] = [];
afterEach(async () => {
  await org?.stop();
  org = null;
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function start(options: Parameters<typeof startOrg>[0] = {}): Promise<TestOrg> {
  org = await startOrg(options);
  return org;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "salesforce-"));
  folders.push(folder);
  return folder;
}

const failureOf = async (work: Promise<unknown>): Promise<SyncError | QuotaStop> => {
  try {
    await work;
  } catch (error) {
    if (SyncError.is(error) || error instanceof QuotaStop) return error;
    throw error;
  }
  throw new Error("it went through");
};

const CONTACTS = { org: { rows: { Contact: 40 } } };
const PLAIN: Settings = { relationships: [] };
/** A lock on a real file is renewed while it is held, and a clock that jumps to the next sleeper runs away meanwhile. */
const LONG_SESSIONS = { sessionSeconds: 1_000_000_000 } as const;
const logins = ({ control }: TestOrg): number => control.requests({ path: "/oauth2/token|/Soap/" }).length;

describe("logging in", () => {
  it("client credentials are all that is needed, and one session serves all sources that use them", async () => {
    const at = await start(CONTACTS);
    await Promise.all(
      [1, 2, 3].map(async () => {
        const source = at.source(PLAIN);
        expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(40);
      }),
    );
    expect(logins(at)).toBe(1);
  });

  it("an assertion is signed with the key of jwt, given or in a file", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const at = await start({
      ...CONTACTS,
      apps: [{ clientId: "jwt-app", publicKey: publicKey.export({ type: "spki", format: "pem" }).toString() }],
    });
    const jwt = { clientId: "jwt-app", username: "sync@acme.example" };
    const file = join(await newFolder(), "key.pem");
    await writeFile(file, pem);
    for (const given of [{ privateKey: pem }, { privateKey: pem.replaceAll("\n", "\\n") }, { privateKeyFile: file }]) {
      const source = at.source({ ...PLAIN, jwt: { ...jwt, ...given } });
      expect(await source.check(never)).not.toEqual([]);
    }
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
    const failure = await failureOf(at.source({ ...PLAIN, jwt: { ...jwt, privateKey: other } }).check(never));
    expect(failure).toBeInstanceOf(AuthError);
    for (const broken of ["no key at all", join(await newFolder(), "missing.pem")]) {
      const way = broken.endsWith(".pem") ? { privateKeyFile: broken } : { privateKey: broken };
      expect(await failureOf(at.source({ ...PLAIN, jwt: { ...jwt, ...way } }).check(never))).toBeInstanceOf(
        ConfigError,
      );
    }
  });

  it("a user and a password log in by SOAP where the org still takes it, and check says until when", async () => {
    const at = await start({ ...CONTACTS, soapLogin: true });
    const password = { username: "sync@acme.example", password: "stand-in-password", securityToken: "stand-in-token" };
    const source = at.source({ ...PLAIN, password });
    const findings = await source.check(never);
    expect(findings.find(({ level }) => level === "warning")?.message).toContain("June 2027");
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(40);
    at.control.setKnobs({ soapLogin: false });
    const off = await failureOf(
      at.source({ ...PLAIN, password: { ...password, securityToken: "stand-in-token2" } }).check(never),
    );
    expect(off).toBeInstanceOf(AuthError);
    expect(off.message).toContain("switched off");
    at.control.setKnobs({ soapLogin: true });
    at.control.setUser({ passwordExpired: true });
    const wrong = { ...password, password: "stand-in-password2" };
    expect((await failureOf(at.source({ ...PLAIN, password: wrong }).check(never))).message).toContain(
      "refuses the login",
    );
  });

  it("an expired password is said to be one", async () => {
    const at = await start({ ...CONTACTS, soapLogin: true, users: [{ passwordExpired: true }] });
    const password = { username: "sync@acme.example", password: "stand-in-password", securityToken: "stand-in-token" };
    const failure = await failureOf(at.source({ ...PLAIN, password }).check(never));
    expect(failure).toBeInstanceOf(AuthError);
    expect(failure.message).toContain("expired");
  });

  it.each([
    ["another secret", { clientCredentials: { ...CLIENT, clientSecret: "wrong-secret" } }],
    ["another app", { clientCredentials: { ...CLIENT, clientId: "nobody" } }],
    ["a refresh token that was revoked", { oauth: { ...CLIENT, refreshToken: "gone-refresh-token" } }],
  ])("%s is a matter of credentials, once", async (_what, settings) => {
    const at = await start(CONTACTS);
    const failure = await failureOf(at.source({ ...PLAIN, ...settings }).check(never));
    expect(failure).toBeInstanceOf(AuthError);
    expect(failure.message).not.toMatch(/wrong-secret|gone-refresh-token/);
    expect(logins(at)).toBe(1);
  });

  it("a client credentials login away from My Domain says so", async () => {
    const at = await start({ ...CONTACTS, clientCredentialsHost: "refused" });
    const failure = await failureOf(at.source(PLAIN).check(never));
    expect(failure).toBeInstanceOf(AuthError);
    expect(SyncError.is(failure) && failure.hint).toContain("My Domain");
  });

  it("T45 addresses with a slash at the end and addresses of the user interface are put right or refused", async () => {
    const at = await start(CONTACTS);
    at.control.setKnobs({ instanceUrl: `${at.api.url}/` });
    const source = at.source({ ...PLAIN, loginUrl: `${at.api.url}//` });
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(40);
    expect(at.control.requests().every(({ path }) => !path.includes("//"))).toBe(true);
    expect(toInstanceUrl("https://acme.lightning.force.com/")).toBe("https://acme.my.salesforce.com");
    const lightning = salesforceConfig.safeParse({
      clientCredentials: CLIENT,
      loginUrl: "https://acme.lightning.force.com",
    });
    expect(lightning.success).toBe(false);
  });

  it("data is read where the login says that the org is", async () => {
    const at = await start({ ...CONTACTS, wrongHost: "unauthorized" });
    const other = at.api.url.replace("127.0.0.1", "localhost");
    at.control.setKnobs({ instanceUrl: at.api.url });
    const source = at.source({ ...PLAIN, loginUrl: other });
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(40);
  });
});

describe("sessions", () => {
  it("T06 one that is refused is renewed once; one that stays refused is a matter of credentials", async () => {
    const at = await start(CONTACTS);
    const source = at.source(PLAIN);
    await source.check(never);
    at.control.expireSessions();
    at.runtime.advance(HOUR);
    await source.check(never);
    expect(logins(at)).toBe(2);
    at.control.addFault({ kind: "session-expired", path: "/services/data", times: 1000 });
    at.runtime.advance(HOUR);
    expect(await failureOf(source.check(never))).toBeInstanceOf(AuthError);
    expect(logins(at)).toBe(3);
  });

  it("T06 refusals that no login helps against cause none", async () => {
    const at = await start(CONTACTS);
    const source = at.source(PLAIN);
    at.control.addFault({ kind: "not-refreshable", path: "/services/data", times: 1000 });
    const failure = await failureOf(source.check(never));
    expect(failure).toBeInstanceOf(AuthError);
    expect(failure.message).toContain("REST API");
    expect(logins(at)).toBe(1);
  });

  it("T06 ten calls that are refused at once cause one login", async () => {
    const at = await start(CONTACTS);
    const source = at.source(PLAIN);
    const stream = await streamOf(source);
    at.control.expireSessions();
    const [id = ""] = at.control.rows({ object: "Contact" }).map((row) => row.id);
    await Promise.all(Array.from({ length: 10 }, () => source.lookup(stream, [id], never)));
    expect(logins(at)).toBe(2);
  });

  it("an answer to a login that is cut off is asked for again", async () => {
    const at = await start();
    const source = at.source({ relationships: [] });
    at.control.addFault({ kind: "short-body", path: "/oauth2/token" });
    expect(await source.streams(never)).toHaveLength(1);
  });

  it("T07 a refresh token that is replaced at every use is kept, over two ends of the session in one run", async () => {
    const at = await start({ org: { rows: { Account: 7000 } }, refreshRotation: true, ...LONG_SESSIONS });
    const tokenFile = join(await newFolder(), "tokens.json");
    const source = at.source({
      ...PLAIN,
      object: "Account",
      oauth: { ...CLIENT, refreshToken: "stand-in-refresh", tokenFile },
    });
    const reader = createReader(source, await streamOf(source, ["Name"]));
    const stops = [1, 3].map((nth) => onRequest(at, /\/query\/0r8/, nth, () => at.control.expireSessions()));
    await reader.run();
    for (const stop of stops) stop();
    expect(missingOf(at, reader, "Account", "Name")).toEqual([]);
    expect(logins(at)).toBe(3);
    const kept: unknown = JSON.parse(await readFile(tokenFile, "utf8"));
    expect(kept).toMatchObject({ instanceUrl: at.api.url });
    expect(JSON.stringify(kept)).not.toContain("stand-in-refresh");
  });

  it("T07 without a file the new token is kept as long as the process lives, and check warns", async () => {
    const at = await start({ ...CONTACTS, refreshRotation: true });
    const source = at.source({ ...PLAIN, oauth: { ...CLIENT, refreshToken: "stand-in-refresh" } });
    const findings = await source.check(never);
    expect(findings.map(({ hint }) => hint ?? "").join()).toContain("oauth.tokenFile");
    for (let round = 0; round < 3; round += 1) {
      at.control.expireSessions();
      at.runtime.advance(HOUR);
      await source.check(never);
    }
    expect(logins(at)).toBe(4);
  });

  it("T08 two processes with one rotated token do not kill each other's", async () => {
    const at = await start({ ...CONTACTS, refreshRotation: true });
    const tokenFile = join(await newFolder(), "tokens.json");
    const config = salesforceConfig.parse({
      object: "Contact",
      relationships: [],
      loginUrl: at.api.url,
      oauth: { ...CLIENT, refreshToken: "stand-in-refresh", tokenFile },
    });
    // What a process shares it shares by runtime: two of them are two processes.
    const sources = [1, 2, 3, 4].map(() => createSalesforceSource(config, createTestRuntime(at.runtime.now())));
    for (let round = 0; round < 4; round += 1) {
      const streams = await Promise.all(sources.map((source) => streamOf(source)));
      const found = await Promise.all(sources.map((source, index) => readAll(source, streams[index] ?? expect.fail())));
      expect(found.map((pages) => keysOf(pages).length)).toEqual([40, 40, 40, 40]);
      at.control.expireSessions();
    }
    // One refresh for each time that the session had ended.
    expect(logins(at)).toBe(4);
    await Promise.all(sources.map((source) => source.close()));
  });

  it("a damaged token file is passed over, and one of another authorisation as well", async () => {
    const at = await start({ ...CONTACTS, ...LONG_SESSIONS });
    const tokenFile = join(await newFolder(), "tokens.json");
    await writeFile(tokenFile, '{"version":1,"grant":"cut o');
    const oauth = { ...CLIENT, refreshToken: "stand-in-refresh", tokenFile };
    await at.source({ ...PLAIN, oauth }).check(never);
    const kept = await readFile(tokenFile, "utf8");
    await writeFile(tokenFile, kept.replace(/"grant":"\w{6}/, '"grant":"000000'));
    at.runtime.advance(HOUR);
    at.control.expireSessions();
    await at.source({ ...PLAIN, oauth }).check(never);
    expect(logins(at)).toBe(2);
  });
});

describe("limits", () => {
  it("T26 the daily limit in the middle of a run ends it as quota, with the cursor kept", async () => {
    const at = await start({ org: { rows: { Account: 7000 } } });
    const source = at.source({ ...PLAIN, object: "Account" });
    const reader = createReader(source, await streamOf(source, ["Name"]));
    at.control.addFault({ kind: "daily-limit", path: "/query/0r8", nth: 2, times: 1000 });
    const failure = await failureOf(reader.run());
    expect(failure).toBeInstanceOf(QuotaStop);
    expect(reader.held.size).toBeGreaterThan(0);
    expect(reader.held.size).toBeLessThan(7000);
    at.control.clearFaults();
    await reader.run();
    expect(missingOf(at, reader, "Account", "Name")).toEqual([]);
  });

  it.each(["daily-limit", "concurrent-limit"] as const)(
    "an answer that is cut off is asked for again, not taken for a missing permission (%s)",
    async (kind) => {
      const at = await start();
      const source = at.source({ relationships: [] });
      at.control.addFault({ kind, path: "/describe" });
      at.control.addFault({ kind: "short-body", path: "/describe", share: kind === "daily-limit" ? 0 : 0.5 });
      expect(await source.streams(never)).toHaveLength(1);
    },
  );

  it("too many long requests at once pass by themselves, and are told apart from the daily limit", async () => {
    const at = await start(CONTACTS);
    at.control.addFault({ kind: "concurrent-limit", path: "/query", times: 3 });
    const source = at.source(PLAIN);
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(40);
    expect(at.runtime.slept()).toBeGreaterThan(10_000);
    at.control.addFault({ kind: "concurrent-limit", path: "/query", times: 1000 });
    expect(await failureOf(readAll(source, await streamOf(source)))).toBeInstanceOf(TransientError);
  });

  it.each(["plain", "bursts", "per-app"] as const)(
    "T38 a run stops at its share of the org's requests, however the header is spelled (%s), and goes on when they are free",
    async (limitInfo) => {
      const at = await start({ org: { rows: { Account: 9000 } }, limitInfo, dailyRequests: 1000 });
      const source = at.source({ ...PLAIN, object: "Account", apiShare: 0.5 });
      const stream = await streamOf(source, ["Name"]);
      const reader = createReader(source, stream);
      at.control.setUsage({ requests: 497 });
      const failure = await failureOf(reader.run());
      expect(failure).toBeInstanceOf(QuotaStop);
      expect(failure.message).toMatch(/50\d of the org's 1000 API requests/);
      const read = reader.held.size;
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThan(9000);
      at.control.setUsage({ requests: 0 });
      at.runtime.advance(HOUR);
      await reader.run();
      expect(missingOf(at, reader, "Account", "Name")).toEqual([]);
    },
  );

  it("without the header nothing is known, and nothing stops", async () => {
    const at = await start({ ...CONTACTS, limitInfo: "absent" });
    const source = at.source({ ...PLAIN, apiShare: 0.01 });
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(40);
  });
});

describe("faults", () => {
  it.each([
    ["T40 an edge that is not ready (420, HTML)", { kind: "edge-error", status: 420 }],
    ["T40 an edge that does not accept (406)", { kind: "edge-error", status: 406 }],
    ["T40 a page of HTML", { kind: "non-json" }],
    ["maintenance", { kind: "unavailable" }],
    ["an unknown exception", { kind: "unknown-exception" }],
    ["a fault of the server", { kind: "server-error" }],
    ["too many requests", { kind: "too-many-requests", retryAfterSeconds: 3 }],
    ["a locked row", { kind: "unable-to-lock" }],
    ["a security policy that takes too long", { kind: "metering" }],
    ["a connection that is reset before the answer", { kind: "reset-before" }],
    ["a connection that is reset after the request was carried out", { kind: "reset-after" }],
    ["an answer that stops in the middle", { kind: "stall-body" }],
    ["no answer", { kind: "hang-before" }],
  ] as const)("%s passes by itself, or ends the read as a passing fault", async (_what, fault) => {
    const at = await start(CONTACTS);
    const source = at.source({ ...PLAIN, requestTimeoutMs: 400 });
    const stream = await streamOf(source);
    at.control.addFault({ ...fault, path: "/query", times: 1 });
    expect(keysOf(await readAll(source, stream))).toHaveLength(40);
    const before = at.lastNumber();
    at.control.addFault({ ...fault, path: "/query", times: 1000 });
    expect(await failureOf(readAll(source, stream))).toBeInstanceOf(TransientError);
    expect(at.calls(before).length).toBeLessThanOrEqual(5);
  });

  it("an address where nothing listens is a passing fault", async () => {
    const at = await start(CONTACTS);
    const { url } = at.api;
    await at.api.close();
    const source = createSalesforceSource(
      salesforceConfig.parse({ object: "Contact", clientCredentials: CLIENT, loginUrl: url }),
      createTestRuntime(0),
    );
    expect(await failureOf(source.check(never))).toBeInstanceOf(TransientError);
  });

  it("a version of the API that was retired is a matter of configuration", async () => {
    const at = await start({ ...CONTACTS, oldestVersion: 60 });
    const failure = await failureOf(at.source({ ...PLAIN, apiVersion: "58.0" }).check(never));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(SyncError.is(failure) && failure.hint).toContain("apiVersion");
  });
});

describe("permissions", () => {
  it("an object that the user may not read is named, with the permission that is missing", async () => {
    const at = await start({ ...CONTACTS, users: [{ hiddenObjects: ["Contact"] }] });
    const failure = await failureOf(at.source(PLAIN).check(never));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain("Contact");
    expect(SyncError.is(failure) && failure.hint).toContain("Read on the object");
  });

  it("an API that is not enabled is a missing permission", async () => {
    const at = await start({ ...CONTACTS, users: [{ apiEnabled: false }] });
    const failure = await failureOf(at.source(PLAIN).check(never));
    expect(failure).toBeInstanceOf(AuthError);
    expect(`${failure.message} ${SyncError.is(failure) ? failure.hint : ""}`).toMatch(/API/);
  });

  it("fields that the user may not see are not offered, and named where they are asked for", async () => {
    const at = await start({ ...CONTACTS, users: [{ hiddenFields: ["Contact.Phone", "Account.Name"] }] });
    const [stream] = await at.source().streams(never);
    const names = stream?.fields.map(({ name }) => name) ?? [];
    expect(names).toContain("LastName");
    expect(names).not.toContain("Phone");
    expect(names).not.toContain("Account.Name");
    const failure = await failureOf(at.source({ ...PLAIN, fields: ["LastName", "Phone"] }).check(never));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain("Phone");
    expect(SyncError.is(failure) && failure.hint).toContain("field-level security");
  });

  it("T39 activities that are too many for a user without View All Data are said to be that", async () => {
    const at = await start({ org: { rows: { Task: 30 } } });
    const source = at.source({ ...PLAIN, object: "Task" });
    const stream = await streamOf(source);
    at.control.addFault({
      kind: "custom",
      path: "/query",
      status: 400,
      times: 10,
      body: [{ errorCode: "OPERATION_TOO_LARGE", message: "exceeded 100000 distinct who/what's" }],
    });
    const failure = await failureOf(readAll(source, stream));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(SyncError.is(failure) && failure.hint).toContain("View All Data");
  });
});

describe("objects", () => {
  it("T43 more than a thousand objects are described 25 a call, and what is about objects is left out", async () => {
    const at = await start({ org: { rows: { Contact: 3 }, fillerObjects: 1000 } });
    const source = at.source();
    const { object: _object, ...all } = { object: "Contact", loginUrl: at.api.url, clientCredentials: CLIENT };
    await source.close();
    const everything = createSalesforceSource(salesforceConfig.parse(all), at.runtime);
    const streams = await everything.streams(never);
    expect(streams.length).toBeGreaterThan(800);
    expect(streams.filter(({ name }) => /(?:Share|Feed|ChangeEvent)$/.test(name))).toEqual([]);
    expect(streams.some(({ name }) => name === "Contact")).toBe(true);
    const calls = at.calls().filter((call) => call.includes("composite/batch"));
    expect(calls.length).toBeLessThan(streams.length / 20);
    const contact = streams.find(({ name }) => name === "Contact") ?? expect.fail();
    expect(keysOf(await readAll(everything, { ...contact, fields: contact.fields.slice(0, 3) }))).toHaveLength(3);
    await everything.close();
  });

  it("one object costs one description, its parents one call, and its number another", async () => {
    const at = await start(CONTACTS);
    await at.source().streams(never);
    expect(at.calls().map((call) => call.replace(/.*v66.0/, ""))).toEqual([
      "/sobjects/Contact/describe",
      "/composite/batch",
      "/query?q=SELECT COUNT() FROM Contact",
    ]);
  });

  it("parents are offered by path, two levels up where asked for, and polymorphic ones by name and type", async () => {
    const at = await start({ org: { rows: { Contact: 30, Account: 5, Task: 20 } } });
    const source = at.source({ relationships: ["Account", "Account.Owner"] });
    const rows = rowsOf(await readAll(source, await streamOf(source, ["Account.Name", "Account.Owner.Name"])));
    expect(rows.some((row) => typeof row.fields["Account.Owner.Name"] === "string")).toBe(true);
    const tasks = at.source({ object: "Task" });
    const names = (await tasks.streams(never))[0]?.fields.map(({ name }) => name) ?? [];
    expect(names.filter((name) => name.startsWith("Who."))).toEqual(["Who.Name", "Who.Type"]);
    const failure = await failureOf(at.source({ relationships: ["Nobody"] }).check(never));
    expect(failure.message).toContain('"Nobody"');
  });

  it("the name of an object may be written in any case", async () => {
    const at = await start(CONTACTS);
    const source = at.source({ ...PLAIN, object: "contact" });
    expect((await source.streams(never))[0]?.name).toBe("Contact");
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(40);
  });
});

it("no error and no notice carries a secret", async () => {
  const at = await start({ ...CONTACTS, soapLogin: true });
  const said: string[] = [];
  const ways: readonly Settings[] = [
    { oauth: { ...CLIENT, refreshToken: "stand-in-refresh" } },
    { password: { username: "sync@acme.example", password: "stand-in-password", securityToken: "stand-in-token" } },
    {},
  ];
  for (const way of ways) {
    for (const kind of ["session-expired", "non-json", "invalid-grant", "server-error", "daily-limit"] as const) {
      at.control.clearFaults();
      at.control.addFault({ kind, times: 1000 });
      at.runtime.advance(10 * MINUTE);
      const failure = await failureOf(at.source({ ...PLAIN, ...way }).check(never));
      said.push(
        JSON.stringify([
          failure.message,
          SyncError.is(failure) ? failure.hint : "",
          String(failure.stack),
          failure.cause,
        ]),
      );
    }
  }
  at.control.clearFaults();
  const source = at.source(PLAIN);
  said.push(noticesOf(await readAll(source, await streamOf(source))).join());
  for (const secret of SECRETS) expect(said.filter((text) => text.includes(secret))).toEqual([]);
});
