import { describe, expect, it } from "vitest";
import type { Collection } from "../contracts/destination.ts";
import type { Stream } from "../contracts/source.ts";
import { companies, contacts, texts, toCollection, toStream } from "./__fixtures__/worlds.ts";
import { type ProposedSubject } from "./propose-identity.ts";
import { proposeProperties } from "./propose-properties.ts";

const people: ProposedSubject = {
  entityType: { value: "contact", reason: null },
  identity: { kind: "email", keyName: null, sourceField: "email", reason: "" },
};

function propose(stream: Stream, collections: readonly Collection[] | null, cursor: string | null = null) {
  const { properties, leftOut } = proposeProperties(stream, people, cursor, collections);
  return {
    mapped: Object.fromEntries(properties.map((each) => [each.property, each.sourceField])),
    properties,
    leftOut,
  };
}

describe("which field becomes which property", () => {
  it("goes by names, whatever their case and separators", () => {
    const stream = toStream("people", { id: "bigint", email: "text", FirstName: "text", "last-name": "text" });
    expect(propose(stream, [contacts]).mapped).toEqual({ first_name: "FirstName", last_name: "last-name" });
  });

  it("knows usual other words, and that a prefix may be the table's name", () => {
    const stream = toStream("customers", { customer_city: "text", zip: "text", mobile: "text", surname: "text" });
    expect(propose(stream, [contacts]).mapped).toEqual({
      city: "customer_city",
      postal_code: "zip",
      phone: "mobile",
      last_name: "surname",
    });
  });

  it("prefers the very name to another word for it, whatever the order of the fields", () => {
    const stream = toStream("people", { mobile: "text", phone: "text" });
    const { mapped, leftOut } = propose(stream, [contacts]);
    expect(mapped).toEqual({ phone: "phone" });
    expect(leftOut).toEqual(["no property of contact is named like them: mobile"]);
  });

  it("writes to the collection that fits most, and names it by id where two have its name", () => {
    const stream = toStream("people", { first_name: "text", last_name: "text", city: "text", notes: "text" });
    const twin = toCollection("Texts", "company", ["summary"], "col_2");
    const found = propose(stream, [texts, contacts, twin]).properties;
    expect(found.map(({ property, collection }) => [property, collection])).toEqual([
      ["first_name", { collectionName: "Contacts" }],
      ["last_name", { collectionName: "Contacts" }],
      ["city", { collectionName: "Contacts" }],
      ["notes", { collectionId: "col_Texts" }],
    ]);
  });

  it("has AI read free text, told by its name or by the source, and nothing else", () => {
    const about = toCollection("About", "contact", ["notes", "history", "city", "description"]);
    const stream = toStream("people", {
      notes: "text",
      history: { type: "text", sourceType: "string/textarea" },
      city: "text",
      description: "json",
    });
    const { properties } = propose(stream, [about]);
    expect(properties.filter(({ extractMemories }) => extractMemories).map(({ property }) => property)).toEqual([
      "notes",
      "history",
    ]);
    expect(properties.find(({ property }) => property === "notes")?.reason).toContain("credits");
  });

  it("leaves out, with the reason, what says nothing, may be secret or cannot be read", () => {
    const names = ["id", "account_id", "is_active", "created_at", "updated_at", "password_hash", "api_key", "photo"];
    const all = toCollection("All", "contact", names);
    const stream = toStream("people", {
      id: "bigint",
      email: "text",
      account_id: "bigint",
      is_active: "boolean",
      created_at: "datetime",
      updated_at: "datetime",
      password_hash: "text",
      api_key: "text",
      photo: { type: "binary", unreadable: "bytes" },
    });
    const { mapped, leftOut } = propose(stream, [all], "updated_at");
    expect(mapped).toEqual({});
    expect(leftOut).toEqual([
      "keys and ids say nothing to a reader: id, account_id",
      "identifies the record already: email",
      "yes or no says little without its question; add those that matter: is_active",
      "the source's own bookkeeping: created_at, updated_at",
      "may be secret by their names: password_hash, api_key",
      "cannot be read as JSON: photo",
    ]);
  });

  it("never proposes a property that only grows, unless another has its name", () => {
    const stream = toStream("people", { tags: "array", city: "text" });
    const growing = toCollection("Growing", "contact", [
      { name: "tags", appendOnly: true },
      { name: "city", appendOnly: true },
    ]);
    const { properties, leftOut } = propose(stream, [growing, contacts]);
    expect(properties.map(({ property, collection }) => [property, collection])).toEqual([
      ["city", { collectionName: "Contacts" }],
    ]);
    expect(leftOut).toEqual(["their property only grows: every repeat of a row would add to it again: tags"]);
  });

  it("does not write to collections of other entity types", () => {
    expect(propose(toStream("people", { industry: "text" }), [companies]).mapped).toEqual({});
  });

  it("takes the fields' own names where the organisation was not asked", () => {
    const { properties } = propose(toStream("people", { id: "bigint", favourite_tea: "text" }), null);
    expect(properties).toMatchObject([
      { property: "favourite_tea", collection: { collectionName: "Contacts Standard Schema" } },
    ]);
  });
});
