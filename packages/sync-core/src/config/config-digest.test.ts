import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConfigPath } from "./config-path.ts";
import { configDigest } from "./config-digest.ts";

const isSecret = (path: ConfigPath): boolean => path[0] === "source" && path[1] === "url";
const digest = (config: unknown): string => configDigest(config, isSecret);

describe("configDigest", () => {
  const base = {
    connector: "postgres",
    source: { url: "postgres://app:old@db:5432/shop?sslpassword=1", table: "customers", password: "one" },
    list: [1, 2],
  };

  it("is SHA-256 in hex", () => expect(digest(base)).toMatch(/^[0-9a-f]{64}$/));

  it.each([
    ["order of keys", { list: [1, 2], source: { ...base.source }, connector: "postgres" }],
    [
      "password in the URL",
      { ...base, source: { ...base.source, url: "postgres://app:n@ew@db:5432/shop?sslpassword=2" } },
    ],
    ["option that sounds secret", { ...base, source: { ...base.source, password: "two" } }],
    ["undefined", { ...base, more: undefined }],
  ])("does not depend on: %s", (_, other) => expect(digest(other)).toBe(digest(base)));

  it.each([
    ["another host", { ...base, source: { ...base.source, url: "postgres://app:old@other:5432/shop" } }],
    ["another user", { ...base, source: { ...base.source, url: "postgres://root:old@db:5432/shop?sslpassword=1" } }],
    ["another table", { ...base, source: { ...base.source, table: "orders" } }],
    ["another order in a list", { ...base, list: [2, 1] }],
  ])("tells apart: %s", (_, other) => expect(digest(other)).not.toBe(digest(base)));

  it("is the same for any order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (config) => {
        const reversed = Object.fromEntries(Object.entries(config).toReversed());
        expect(digest(reversed)).toBe(digest(config));
      }),
    );
  });
});
