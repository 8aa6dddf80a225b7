import { describe, expect, it } from "vitest";
import type { FieldType } from "../contracts/source.ts";
import { companies, contacts, products, toCollection, toStream } from "./__fixtures__/worlds.ts";
import { proposeIdentity } from "./propose-identity.ts";

const organisation = [contacts, companies, products];

describe("what the rows are, and what tells them apart", () => {
  it.each<[string, string, Record<string, FieldType>, string, string, string]>([
    ["an email address", "signups", { id: "bigint", email: "text" }, "contact", "email", "email"],
    [
      "its other spellings",
      "signups",
      { id: "bigint", "E-Mail Address": "text" },
      "contact",
      "email",
      "E-Mail Address",
    ],
    ["the plainest of several", "x", { email_address: "text", email: "text" }, "contact", "email", "email"],
    ["a web site", "firms", { id: "bigint", domain: "text" }, "company", "website", "domain"],
    ["the name goes before", "accounts", { email: "text", website: "text" }, "company", "website", "website"],
    ["somebody else's address", "orders", { id: "bigint", customer_email: "text" }, "order", "customKey", "id"],
    ["an address in a type of its own", "products", { id: "text", email: "text" }, "product", "customKey", "id"],
    ["an email that is no text", "x_rows", { id: "text", email: "json" }, "x_row", "customKey", "id"],
    ["nothing but a key", "public.categories", { id: "bigint" }, "category", "customKey", "id"],
  ])("%s: %s", (_, stream, fields, entityType, kind, sourceField) => {
    const proposed = proposeIdentity(toStream(stream, fields), organisation);
    expect(proposed?.entityType.value).toBe(entityType);
    expect(proposed?.identity).toMatchObject({ kind, sourceField });
  });

  it("names a key after the rows", () => {
    expect(proposeIdentity(toStream("shop.Order Lines", { id: "bigint" }), null)?.identity.keyName).toBe(
      "order_line_id",
    );
  });

  it("takes the organisation's spelling of an entity type", () => {
    const collections = [toCollection("Devices", "Device", ["name"])];
    expect(proposeIdentity(toStream("devices", { id: "bigint" }), collections)?.entityType.value).toBe("Device");
  });

  it("has nothing to offer where only several columns together are a key", () => {
    expect(proposeIdentity(toStream("lines", { a: "text", b: "text" }, { key: ["a", "b"] }), organisation)).toBeNull();
  });

  it("does not identify by a field that cannot be read", () => {
    const stream = toStream("people", { id: "bigint", email: { unreadable: "no right" } });
    expect(proposeIdentity(stream, organisation)?.identity.kind).toBe("customKey");
  });
});
