import { SyncError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { pageLimits } from "../page-limits.ts";
import { toClientAddress } from "./client-address.ts";
import { isLoopbackAddress, isLoopbackHost } from "./loopback.ts";
import { checkAccess, type PageAccess } from "./page-access.ts";
import { createSessions } from "./sessions.ts";
import { createSignInLimiter, toNetwork } from "./sign-in-limiter.ts";

const token = "abcdefgh0123456789ABCDEF";
const local: PageAccess = { isLoopbackOnly: true, token: null, basic: null, publicUrl: null, trustedProxies: 0 };

describe("checkAccess", () => {
  it.each<[string, Partial<PageAccess>]>([
    ["open to the world", { isLoopbackOnly: false }],
    ["a public address without credentials", { publicUrl: "https://syncs.example.com" }],
    ["a token of 23 characters", { token: token.slice(1) }],
    ["a token of one character, repeated", { token: "x".repeat(40) }],
    ["a token with a space", { token: `${token} x` }],
    ["a token beyond ASCII", { token: `${token}ü` }],
    ["an empty token", { token: "" }],
    ["a short password", { basic: { user: "ops", password: "12345678901" } }],
    ["a user with a colon", { basic: { user: "o:s", password: "123456789012" } }],
    ["a public address with a path", { token, publicUrl: "https://example.com/syncs" }],
    ["a public address with a user", { token, publicUrl: "https://me@example.com" }],
    ["a public address that is none", { token, publicUrl: "syncs.example.com" }],
    ["another scheme", { token, publicUrl: "ftp://example.com" }],
    ["half a proxy", { token, trustedProxies: 0.5 }],
  ])("refuses %s, in words that hold no secret", (_, change) => {
    const access = { ...local, ...change };
    let thrown: unknown = null;
    try {
      checkAccess(access);
    } catch (error) {
      thrown = error;
    }
    expect(SyncError.is(thrown) && thrown.kind).toBe("config");
    const said = `${String(thrown)} ${SyncError.is(thrown) ? (thrown.hint ?? "") : ""}`;
    if (access.token !== null && access.token !== "") expect(said).not.toContain(access.token);
    if (access.basic !== null) expect(said).not.toContain(access.basic.password);
  });

  it("takes what holds together", () => {
    expect(checkAccess(local)).toMatchObject({ isOpenToThisMachine: true, isHttps: false });
    expect(
      checkAccess({ ...local, isLoopbackOnly: false, token, publicUrl: "https://syncs.example.com/" }),
    ).toMatchObject({
      publicOrigin: "https://syncs.example.com",
      isHttps: true,
      isOpenToThisMachine: false,
    });
    expect(checkAccess({ ...local, publicUrl: "http://localhost:3000" }).publicOrigin).toBe("http://localhost:3000");
  });
});

describe("loopback", () => {
  it("knows this machine by name and by address, and nothing that only looks like it", () => {
    for (const host of ["localhost", "LocalHost:3000", "127.0.0.1:1", "127.1.2.3", "[::1]", "[::1]:80"])
      expect(isLoopbackHost(host)).toBe(true);
    for (const host of [
      "",
      "localhost.",
      "localhost.evil",
      "evil-localhost",
      "127.0.0.1.evil",
      "127.1",
      "0.0.0.0",
      "::1",
      "localhost:3000x",
      "localhost\n",
    ])
      expect({ host, isHere: isLoopbackHost(host) }).toEqual({ host, isHere: false });
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) expect(isLoopbackAddress(address)).toBe(true);
    for (const address of ["10.0.0.1", "::2", "unknown", "::ffff:10.0.0.1"])
      expect(isLoopbackAddress(address)).toBe(false);
  });
});

describe("toClientAddress", () => {
  it.each([
    [0, "198.51.100.1", "10.0.0.1"],
    [1, "198.51.100.1", "198.51.100.1"],
    [1, "6.6.6.6, 198.51.100.1", "198.51.100.1"],
    [2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"],
    [2, "198.51.100.1", "10.0.0.1"],
    [1, "", "10.0.0.1"],
    [1, "<script>", "10.0.0.1"],
    [1, null, "10.0.0.1"],
  ])("%d proxies, %j: %s", (proxies, header, expected) => {
    expect(toClientAddress("10.0.0.1", header, proxies)).toBe(expected);
  });
});

describe("sign-in limiter", () => {
  it("counts a /64 of IPv6 as one address, and IPv4 in IPv6 as IPv4", () => {
    expect(toNetwork("2001:db8::1")).toBe(toNetwork("2001:0db8:0:0:ffff::9"));
    expect(toNetwork("2001:db8::1")).not.toBe(toNetwork("2001:db8:0:1::1"));
    expect(toNetwork("fe80::1%eth0")).toBe(toNetwork("fe80::2"));
    expect(toNetwork("::1")).toBe(toNetwork("::2"));
    expect(toNetwork("::ffff:192.0.2.1")).toBe("192.0.2.1");
  });

  it("stops all addresses together after a hundred, but for those that were right before", () => {
    const limiter = createSignInLimiter(() => 0);
    limiter.succeeded("192.0.2.1");
    for (let index = 0; index < pageLimits.maxFailures; index += 1) limiter.failed(`198.51.${index}.1`);
    expect(limiter.waitMs("203.0.113.1")).toBe(pageLimits.signInWindowMs);
    expect(limiter.waitMs("192.0.2.1")).toBe(0);
    for (let index = 0; index < pageLimits.maxFailuresOfAddress; index += 1) limiter.failed("192.0.2.1");
    expect(limiter.waitMs("192.0.2.1")).toBe(pageLimits.signInWindowMs);
  });

  it("forgets after the window", () => {
    let now = 0;
    const limiter = createSignInLimiter(() => now);
    for (let index = 0; index < pageLimits.maxFailuresOfAddress; index += 1) limiter.failed("192.0.2.1");
    now = pageLimits.signInWindowMs - 1;
    expect(limiter.waitMs("192.0.2.1")).toBe(1);
    now += 1;
    expect(limiter.waitMs("192.0.2.1")).toBe(0);
    limiter.failed("192.0.2.1");
    expect(limiter.waitMs("192.0.2.1")).toBe(0);
  });
});

describe("sessions", () => {
  it("are bounded: one more ends the oldest", () => {
    let next = 0;
    const sessions = createSessions({ now: () => 0, random: (bytes) => new Uint8Array(bytes).fill(next++) });
    const ids = Array.from({ length: pageLimits.maxSessions + 1 }, () => sessions.begin());
    expect(new Set(ids).size).toBe(pageLimits.maxSessions + 1);
    expect(ids.map((id) => sessions.has(id))).toEqual([false, ...ids.slice(1).map(() => true)]);
  });
});
