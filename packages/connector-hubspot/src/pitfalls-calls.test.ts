import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Files } from "@acme/api-source";
import { AuthError, createSystemRuntime, QuotaStop, type Runtime, SyncError, TransientError } from "@acme/sync-core";
import { createReader, differences, heldValues, keysOf, never, readAll, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { HOUR, MINUTE, startPortal, type TestPortal, TODAY, TOKEN, truth } from "./__fixtures__/portal.ts";
import { hubspotConfig } from "./config.ts";
import { createThisMachine } from "./machine.ts";
import { createHubspotSource } from "./source.ts";

/** Calls: their size, their limits, their faults, and who may make them. */

let portal: TestPortal | null = null;
afterEach(async () => {
  await portal?.stop();
  portal = null;
});

async function start(options: Parameters<typeof startPortal>[0] = {}): Promise<TestPortal> {
  portal = await startPortal(options);
  return portal;
}

const SMALL = { fullSchemas: false } as const;
const OAUTH = { clientId: "stand-in-client", clientSecret: "stand-in-secret", refreshToken: "stand-in-refresh" };
const noLimitHit = { TEN_SECONDLY_ROLLING: 0, SECONDLY: 0, DAILY: 0 };

/** A lock on a real file is renewed while it is held: a clock that jumps to the next sleeper would run away, and tokens with it. */
function inRealTime(aheadMs = 0): Runtime {
  return { ...createSystemRuntime(), now: () => Date.now() + aheadMs };
}

async function failure(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("it did not fail");
  return error;
}

const firstStream = (at: TestPortal, config: Parameters<TestPortal["source"]>[0] = {}) =>
  failure(at.source(config).streams(never));

describe("the size of calls", () => {
  it("P26 P27 900 properties are read by batch, each row in one call, and never in an address", async () => {
    const at = await start({ portal: { contacts: 250 } });
    for (let index = 0; index < 520; index += 1) {
      at.control.defineProperty("contacts", { name: `custom_property_number_${index}`, type: "string" });
    }
    const hubspot = at.source();
    const [stream] = await hubspot.streams(never);
    const fields = stream?.fields.filter((field) => !field.name.startsWith("associations.")) ?? [];
    expect(fields.length).toBeGreaterThanOrEqual(890);
    if (stream === undefined) return;
    const pages = await readAll(hubspot, { ...stream, fields });
    expect(new Set(keysOf(pages)).size).toBe(250);
    expect(Object.keys(pages[0]?.rows[0]?.fields ?? {})).toHaveLength(fields.length);
    const requests = at.control.requests();
    expect(Math.max(...requests.map((entry) => entry.query.length))).toBeLessThan(5000);
    expect(requests.filter((entry) => entry.status === 414)).toEqual([]);
    // One batch read a row: values of a row never come from two answers.
    expect(at.control.requests({ family: "batch-read" }).reduce((sum, entry) => sum + entry.inputs, 0)).toBe(250);
  });

  it("P28 no history is asked for, and no batch holds more than 100 ids", async () => {
    const at = await start({ portal: { contacts: 450 } });
    const hubspot = at.source();
    const [stream] = await hubspot.streams(never);
    if (stream === undefined) return;
    await readAll(hubspot, {
      ...stream,
      fields: stream.fields.filter(({ name }) => !name.startsWith("associations.")),
    });
    for (const entry of at.control.requests()) {
      expect(entry.inputs).toBeLessThanOrEqual(100);
      expect(JSON.stringify(entry.body ?? "") + entry.query).not.toContain("propertiesWithHistory");
    }
  });

  it("P44 goes on by `after`, never by the link, which leads to the production host", async () => {
    const at = await start({ portal: { contacts: 350, ...SMALL } });
    const hubspot = at.source();
    expect(keysOf(await readAll(hubspot, await streamOf(hubspot)))).toHaveLength(350);
    expect(at.control.requests({ family: "list" }).filter((entry) => entry.query.includes("after=")).length).toBe(3);
  });
});

describe("limits", () => {
  it("P33 a burst limit is waited out for its whole window", async () => {
    const at = await start({ portal: { contacts: 150, ...SMALL } });
    const hubspot = at.source();
    const stream = await streamOf(hubspot);
    at.control.addFault({ kind: "rate-limit-ten-secondly", path: "contacts$", nth: 2, times: 6 });
    const slept = at.runtime.slept();
    expect(keysOf(await readAll(hubspot, stream))).toHaveLength(150);
    expect(at.runtime.slept() - slept).toBeGreaterThanOrEqual(60_000);
  });

  it("P34 the daily limit ends the run at once, resumable, and says when it starts again", async () => {
    const at = await start({ portal: { contacts: 500, ...SMALL } });
    const hubspot = at.source({ pageRows: 100 });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    at.control.addFault({ kind: "rate-limit-daily", path: "contacts$", nth: 3 });
    const slept = at.runtime.slept();
    const error = await failure(reader.run());
    expect(error).toBeInstanceOf(QuotaStop);
    expect(error.message).toMatch(/daily limit.*midnight in the account's time zone/);
    expect(at.runtime.slept() - slept).toBe(0);
    expect(at.control.requests().filter((entry) => entry.status === 429)).toHaveLength(1);
    await reader.run();
    expect(differences(truth(at.control, "contacts", "firstname"), heldValues(reader, "firstname"))).toEqual([]);
  });

  it("stops before calls that are reserved for others are used", async () => {
    const at = await start({ portal: { contacts: 500, ...SMALL }, dailyLimit: 1000 });
    at.control.setUsage({ dailyCalls: 598 });
    const hubspot = at.source({ dailyReserve: 400 });
    const error = await failure(streamOf(hubspot).then((stream) => readAll(hubspot, stream)));
    expect(error).toBeInstanceOf(QuotaStop);
    expect(error.message).toContain("dailyReserve keeps 400");
  });

  it("P35 several streams of one token keep the limits together", async () => {
    const at = await start({ portal: { contacts: 4000, companies: 4000, deals: 4000, ...SMALL } });
    const readers = await Promise.all(
      ["contacts", "companies", "deals"].map(async (object) => {
        const hubspot = at.source({ object, pageRows: 200 });
        return createReader(hubspot, await streamOf(hubspot, ["associations.tickets"]));
      }),
    );
    await Promise.all(readers.map((reader) => reader.run()));
    for (const object of ["contacts", "companies", "deals"]) {
      let index = 0;
      for (const { id } of at.control.eachRecord({ type: object })) {
        at.control.update(object, id, {}, { atMs: TODAY + MINUTE + index });
        index += 1;
      }
    }
    at.runtime.advance(3 * HOUR);
    const pages = await Promise.all(readers.map((reader) => reader.run()));
    expect(pages.map((own) => new Set(keysOf(own)).size)).toEqual([4000, 4000, 4000]);
    expect(at.control.counts().limitsExceeded).toEqual(noLimitHit);
    expect(at.control.peakCalls(1000, ["search"])).toBeLessThanOrEqual(5);
    expect(at.control.peakCalls(10_000, ["associations"])).toBeLessThanOrEqual(150);
  });

  it("P35 a smaller limit is learnt from the headers", async () => {
    const at = await start({ portal: { contacts: 30_000, ...SMALL }, tenSecondLimit: 60 });
    const hubspot = at.source();
    expect(new Set(keysOf(await readAll(hubspot, await streamOf(hubspot)))).size).toBe(30_000);
    expect(at.control.counts().limitsExceeded).toEqual(noLimitHit);
  });

  it("P41 two portals in one process keep their own tokens and limits", async () => {
    const one = await start({ portal: { contacts: 300, ...SMALL } });
    const two = await startPortal({ portal: { contacts: 200, ...SMALL }, apps: [{ token: "pat-na1-second" }] });
    try {
      const sources = [one.source(), two.source({ token: "pat-na1-second" })] as const;
      const streams = [await streamOf(sources[0]), await streamOf(sources[1])] as const;
      one.control.addFault({ kind: "server-error", path: "contacts$", nth: 2 });
      const [first, second] = await Promise.all([readAll(sources[0], streams[0]), readAll(sources[1], streams[1])]);
      expect([keysOf(first).length, keysOf(second).length]).toEqual([300, 200]);
      expect(two.control.counts().statuses["401"]).toBeUndefined();
    } finally {
      await two.stop();
    }
  });
});

describe("faults", () => {
  it.each([
    ["server-error", {}],
    ["empty-body", {}],
    ["edge-error", { status: 524 }],
    ["edge-error", { status: 521 }],
    ["locked", {}],
    ["rate-limit-secondly", {}],
    ["reset-before", {}],
    ["reset-after", {}],
    ["truncated-body", {}],
    ["non-json", {}],
    ["migrating", { retryAfterSeconds: 5 }],
  ] as const)("P42 %s passes by itself", async (kind, options) => {
    const at = await start({ portal: { contacts: 250, ...SMALL } });
    const hubspot = at.source();
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    at.control.addFault({ kind, path: "contacts$|search$|read$", nth: 2, times: 2, ...options });
    await reader.run();
    const [id = ""] = at.control.records({ type: "contacts", limit: 1 }).map((record) => record.id);
    at.control.update("contacts", id, { firstname: "x" });
    at.runtime.advance(2 * HOUR);
    await reader.run();
    expect(differences(truth(at.control, "contacts", "firstname"), heldValues(reader, "firstname"))).toEqual([]);
  });

  it("a fault that stays ends as TransientError after a few tries", async () => {
    const at = await start({ portal: { contacts: 50, ...SMALL } });
    at.control.addFault({ kind: "server-error", path: "properties", times: 100 });
    const error = await firstStream(at);
    expect(error).toBeInstanceOf(TransientError);
    expect(at.control.counts().requests).toBe(5);
  });

  it("P40 a move to another data centre that takes an hour is the next run's business", async () => {
    const at = await start({ portal: { contacts: 50, ...SMALL } });
    at.control.addFault({ kind: "migrating", path: "properties", times: 100, retryAfterSeconds: 3600 });
    const error = await firstStream(at);
    expect(error).toMatchObject({ kind: "transient", retryAfterMs: 3_600_000 });
    expect(at.control.counts().requests).toBe(1);
  });

  it("P43 a server that never answers is left after requestTimeoutMs", async () => {
    const at = await start({ portal: { contacts: 50, ...SMALL } });
    at.control.addFault({ kind: "hang-before", path: "properties", times: 100 });
    const error = await firstStream(at, { requestTimeoutMs: 40 });
    expect(error).toMatchObject({ kind: "transient" });
    expect(error.message).toContain("40 ms (requestTimeoutMs)");
  });

  it.each(["hang-before", "slow-headers"] as const)(
    "an abort is prompt while a call is under way (%s)",
    async (kind) => {
      const at = await start({ portal: { contacts: 500, ...SMALL } });
      const hubspot = at.source({ pageRows: 100 });
      const stream = await streamOf(hubspot);
      at.control.addFault({ kind, path: "contacts$", nth: 3, times: 100, delayMs: 20_000 });
      const controller = new AbortController();
      const reason = new Error("stop");
      const startedAt = Date.now();
      const reading = (async () => {
        for await (const page of hubspot.read(stream, null, controller.signal)) {
          if (page.rows.length > 0) setTimeout(() => controller.abort(reason), 20);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(Date.now() - startedAt).toBeLessThan(2000);
    },
  );
});

describe("credentials", () => {
  it("P36 an access token that dies in the middle of a read is renewed, once for all who wait", async () => {
    const at = await start({ portal: { contacts: 2000, companies: 2000, ...SMALL }, accessTokenLifeSeconds: 1800 });
    const sources = ["contacts", "companies"].map((object) => at.source({ object, oauth: OAUTH, pageRows: 100 }));
    const readers = await Promise.all(sources.map(async (source) => createReader(source, await streamOf(source, []))));
    await Promise.all(readers.map((reader) => reader.run(3)));
    at.control.expireAccessTokens();
    await Promise.all(readers.map((reader) => reader.run()));
    expect(readers.map((reader) => reader.held.size)).toEqual([2000, 2000]);
    expect(at.control.counts().calls.oauth).toBe(2);
  });

  it("P36 tokens are renewed before they expire: no call is refused", async () => {
    const at = await start({ portal: { contacts: 1500, ...SMALL } });
    const hubspot = at.source({ oauth: OAUTH, pageRows: 100 });
    const reader = createReader(hubspot, await streamOf(hubspot));
    for (let run = 0; run < 8; run += 1) {
      await reader.run(2);
      at.runtime.advance(15 * MINUTE);
    }
    expect(at.control.counts().statuses["401"]).toBeUndefined();
    expect(at.control.counts().calls.oauth).toBeGreaterThan(2);
  });

  it("keeps a rotated refresh token in tokenFile, readable by its owner only, and uses it after a restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hubspot-"));
    const tokenFile = join(folder, "tokens.json");
    try {
      const at = await start({ portal: { contacts: 20, ...SMALL }, refreshRotation: "revoke-old" });
      const config = hubspotConfig.parse({ object: "contacts", oauth: { ...OAUTH, tokenFile }, baseUrl: at.api.url });
      await createHubspotSource(config, inRealTime()).streams(never);
      expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
      const kept = await readFile(tokenFile, "utf8");
      expect(kept).not.toContain(OAUTH.clientSecret);
      // Another process: its own memory, the same file.
      at.control.expireAccessTokens();
      const others = [1, 2, 3].map(() => createHubspotSource(config, inRealTime(HOUR)));
      await Promise.all(others.map((source) => source.streams(never)));
      expect(at.control.counts().calls.oauth).toBe(2);
      // A file that was cut off is no obstacle as long as the configured token holds.
      await writeFile(tokenFile, "{");
      const revoked = await firstStream(at, {
        oauth: { ...OAUTH, clientId: "stand-in-client", tokenFile: `${tokenFile}2` },
      });
      expect(revoked).toBeInstanceOf(AuthError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("a replaced refresh token whose file cannot be written is not lost, and its token is not used before it is", async () => {
    const at = await start({ portal: { contacts: 20, ...SMALL }, refreshRotation: "revoke-old" });
    const machine = createThisMachine(at.api.url);
    let isFull = true;
    const files: Files = {
      ...machine.files,
      replace: (path, text) =>
        isFull ? Promise.reject(Object.assign(new Error("x"), { code: "ENOSPC" })) : machine.files.replace(path, text),
    };
    const folder = await mkdtemp(join(tmpdir(), "hubspot-"));
    try {
      const tokenFile = join(folder, "tokens.json");
      const source = createHubspotSource(
        hubspotConfig.parse({ object: "contacts", oauth: { ...OAUTH, tokenFile }, baseUrl: at.api.url }),
        inRealTime(),
        { ...machine, files },
      );
      await expect(source.streams(never)).rejects.toThrow(`oauth.tokenFile: cannot write ${tokenFile} (ENOSPC)`);
      expect(at.control.counts().requests).toBe(1);
      isFull = false;
      expect(await source.streams(never)).toHaveLength(1);
      expect(at.control.counts().calls.oauth).toBe(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("P37 a portal that is gone is not asked again", async () => {
    const at = await start({ portal: SMALL });
    at.control.setDisconnected(true);
    const error = await firstStream(at, { oauth: OAUTH });
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toContain("BAD_HUB");
    expect(at.control.counts().calls.oauth).toBe(1);
  });

  it.each([
    [{ refreshToken: "wrong-refresh-token" }, "refresh token is invalid"],
    [{ clientSecret: "wrong-client-secret" }, "does not know this app (BAD_CLIENT_SECRET)"],
    [{ clientId: "wrong-client-id" }, "does not know this app (BAD_CLIENT_ID)"],
  ])("a refresh with %o is refused for good, without the secret", async (change, message) => {
    const at = await start({ portal: SMALL });
    const error = await firstStream(at, { oauth: { ...OAUTH, ...change } });
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toContain(message);
    expect(at.control.counts().calls.oauth).toBe(1);
  });

  it("P38 a token that is none is called that, not old", async () => {
    const at = await start({ portal: SMALL });
    const error = await firstStream(at, { token: "this-is-not-a-token" });
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toContain("not a valid token");
    expect(error.message).not.toMatch(/days|expired|this-is-not/);
  });

  it("P39 a missing scope is named, for that object only", async () => {
    const at = await start({
      portal: { contacts: 5, tickets: 5, ...SMALL },
      apps: [{ scopes: ["crm.objects.contacts.read", "crm.schemas.contacts.read"] }],
    });
    const error = await firstStream(at, { object: "tickets" });
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toMatch(/lacks a scope.*tickets/);
    expect(SyncError.is(error) ? error.hint : "").toContain("Private Apps");
    const contacts = at.source();
    expect(keysOf(await readAll(contacts, await streamOf(contacts)))).toHaveLength(5);
    const names = (await at.source({ object: undefined }).streams(never)).map((stream) => stream.name);
    expect(names).toContain("contacts");
    for (const name of ["tickets", "companies", "deals", "owners"]) expect(names).not.toContain(name);
  });

  it("P39 an object that the plan lacks fails alone", async () => {
    const at = await start({ portal: { contacts: 5, ...SMALL }, unentitledTypes: ["leads"] });
    expect(await firstStream(at, { object: "leads" })).toBeInstanceOf(AuthError);
    const names = (await at.source({ object: undefined }).streams(never)).map((stream) => stream.name);
    expect(names).not.toContain("leads");
    expect(names).toContain("deals");
  });

  it("no message ever shows a token, whatever HubSpot says", async () => {
    const at = await start({ portal: { contacts: 5, ...SMALL } });
    const kinds = [
      "unauthorized",
      "token-expired",
      "forbidden",
      "banned",
      "validation",
      "not-found",
      "server-error",
      "non-json",
      "uri-too-long",
    ] as const;
    for (const kind of kinds) {
      at.control.clearFaults();
      at.control.addFault({ kind, path: "properties", times: 100 });
      const error = await firstStream(at);
      const shown = `${error.message} ${SyncError.is(error) ? error.hint : ""} ${error.stack} ${String(error.cause)}`;
      expect(shown).not.toContain(TOKEN);
    }
    at.control.clearFaults();
    at.control.addFault({
      kind: "custom",
      path: "properties",
      times: 9,
      status: 400,
      body: { message: `Bad header Bearer ${TOKEN} for ada@example.com, pat-na1-other-token` },
      headers: { "Content-Type": "application/json" },
    });
    const error = await firstStream(at);
    expect(error.message).not.toMatch(/pat-|ada@/);
  });
});
