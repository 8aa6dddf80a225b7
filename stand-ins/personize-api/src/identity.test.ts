import { expect, test } from "vitest";
import { normaliseWebsite, toRecordId, toRecordKey } from "./identity.ts";

test.each([
  ["https://www.Acme.com/about?x=1", "acme.com"],
  ["acme.com", "acme.com"],
  ["HTTP://ACME.COM:8080/", "acme.com"],
  [" www.acme.com. ", "acme.com"],
  ["//user@acme.com/x", "acme.com"],
  ["shop.acme.com", "shop.acme.com"],
])("the website %s is the domain %s", (website, domain) => {
  expect(normaliseWebsite(website)).toBe(domain);
});

test("the key follows record id, then email, website, custom key", () => {
  const custom = { customKeyName: "sku", customKeyValue: " 7 " };
  expect(toRecordKey({ recordId: "REC#1", email: "a@b.c" })).toBe("REC#1");
  expect(toRecordKey({ email: " A@B.c ", websiteUrl: "b.c" })).toBe("a@b.c");
  expect(toRecordKey({ websiteUrl: "https://b.c", ...custom })).toBe("b.c");
  expect(toRecordKey(custom)).toBe("sku:7");
  expect(toRecordKey({ email: "  " })).toBeUndefined();
});

test("the record id depends on organization, type and key, and on nothing else", () => {
  const id = toRecordId("org", "contact", "a@b.c");
  expect(id).toMatch(/^REC#[0-9a-f]{64}$/);
  expect(toRecordId("org", "contact", "a@b.c")).toBe(id);
  expect(toRecordId("other", "contact", "a@b.c")).not.toBe(id);
  expect(toRecordId("org", "company", "a@b.c")).not.toBe(id);
});
