import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IdentityKind } from "../contracts/mapping.ts";
import { normaliseIdentity } from "./normalise-identity.ts";

describe("normalising an identity", () => {
  it.each<[IdentityKind, string, string | null]>([
    ["email", " Ada@Example.COM ", "ada@example.com"],
    ["email", "\t\n", null],
    ["email", "", null],
    ["website", "https://www.Example.com/path?q=1#x", "example.com"],
    ["website", "http://example.com:8080", "example.com"],
    ["website", "www.example.com", "example.com"],
    ["website", "example.com?utm=1", "example.com"],
    ["website", " EXAMPLE.com ", "example.com"],
    ["website", "shop.example.com", "shop.example.com"],
    ["website", "https://", null],
    ["website", "/only/a/path", null],
    ["recordId", " REC#Ab ", "REC#Ab"],
    ["customKey", "SKU-1", "SKU-1"],
    ["customKey", "sku-1", "sku-1"],
    ["customKey", " ", null],
  ])("%s %j is %j", (kind, value, expected) => {
    expect(normaliseIdentity(kind, value)).toBe(expected);
  });

  it.each<IdentityKind>(["email", "recordId", "customKey"])("%s: what was normalised stays as it is", (kind) => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const once = normaliseIdentity(kind, value);
        fc.pre(once !== null);
        expect(normaliseIdentity(kind, once)).toBe(once);
      }),
    );
  });

  it("takes every spelling of a web site for the same record", () => {
    const scheme = fc.constantFrom("", "http://", "https://", "HTTPS://");
    const rest = fc.constantFrom("", "/", "/about", "?x=1", "#top", ":443", ":443/x");
    fc.assert(
      fc.property(scheme, fc.boolean(), fc.domain(), rest, (before, www, domain, after) => {
        fc.pre(!domain.startsWith("www."));
        expect(normaliseIdentity("website", `${before}${www ? "www." : ""}${domain}${after}`)).toBe(
          domain.toLowerCase(),
        );
      }),
    );
  });
});
