import { describe, expect, it } from "vitest";
import type { Collection } from "../contracts/destination.ts";
import { toCollectionPage } from "./to-collections.ts";

const properties = [
  { propertyName: "First Name", systemName: "first_name", type: "text", update: true },
  { propertyName: "History", systemName: "history", update: false },
  { propertyName: "Log", updateSemantics: "append" },
  { propertyName: "Old", systemName: "old", status: "Deleted" },
  { propertyName: "email", systemName: "email", status: "Active" },
  { type: "text" },
];
const contacts: Collection = {
  id: "col_1",
  name: "Contacts",
  entityType: "contact",
  properties: [
    { names: ["first_name", "First Name"], appendOnly: false },
    { names: ["history", "History"], appendOnly: true },
    { names: ["Log"], appendOnly: true },
    { names: ["email"], appendOnly: false },
  ],
};
const action = {
  id: "act_1",
  type: "collection",
  payload: { collectionId: "col_1", collectionName: "Contacts", entityType: "contact", properties },
};
const flat = { id: "col_1", name: "Contacts", slug: "contacts", entityType: "contact", properties };

describe("a page of collections", () => {
  it.each<[string, unknown]>([
    ["an object with actions", { actions: [action], count: 1 }],
    ["flat items", [flat]],
    ["flat items that also carry actions", Object.assign([flat], { actions: [action], count: 1 })],
    [
      "actions with a schema",
      { actions: [{ payload: { ...action.payload, properties: undefined, schema: { properties } } }] },
    ],
    ["actions with flat members", { actions: [{ ...flat, id: "act_1", collectionId: "col_1" }] }],
  ])("is read from %s", (_, data) => {
    expect(toCollectionPage({ success: true, data })).toEqual({ collections: [contacts], nextToken: null });
  });

  it.each<[unknown, string | null]>([
    [{ actions: [], nextToken: "t2" }, "t2"],
    [Object.assign([flat], { nextToken: "t3" }), "t3"],
    [{ actions: [], nextToken: "" }, null],
    [{ actions: [], nextToken: null }, null],
    [{ actions: [] }, null],
  ])("names its next page", (data, nextToken) => {
    expect(toCollectionPage({ success: true, data }).nextToken).toBe(nextToken);
  });

  it("falls back to the action's id, and knows no entity type where none is stated", () => {
    const { collections } = toCollectionPage({
      data: { actions: [{ id: "act_9", payload: { collectionName: "X" } }] },
    });
    expect(collections).toEqual([{ id: "act_9", name: "X", entityType: null, properties: [] }]);
  });

  it.each([undefined, null, "x", {}, { actions: "x" }, { actions: [null, 3, { id: "only" }, { name: "only" }] }])(
    "%j holds no collections",
    (data) => {
      expect(toCollectionPage({ success: true, data })).toEqual({ collections: [], nextToken: null });
    },
  );
});

describe("a page whose token stands beside its data", () => {
  it("is not the last one", () => {
    const envelope = { success: true, data: [{ id: "col_1", name: "Contacts" }], nextToken: "more" };
    expect(toCollectionPage(envelope)).toMatchObject({ collections: [{ id: "col_1" }], nextToken: "more" });
  });
});
