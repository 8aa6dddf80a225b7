import { expect, test } from "vitest";
import { START_MS, startTestApi } from "./__fixtures__/start-test-api.ts";

interface FieldBody {
  readonly name: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

function fieldsOf(text: string): Map<string, FieldBody> {
  const { fields }: { fields: FieldBody[] } = JSON.parse(text);
  return new Map(fields.map((field) => [field.name, field]));
}

test("the list of objects tells what can be done with each", async () => {
  const api = await startTestApi({ org: { customObjects: [{ name: "Boat" }] } });
  const { text } = await api.get("/sobjects");
  const body = JSON.parse(text);
  expect([body.encoding, body.maxBatchSize]).toEqual(["UTF-8", 200]);
  const byName = new Map<string, object>(body.sobjects.map((object: { name: string }) => [object.name, object]));
  expect(byName.get("Contact")).toMatchObject({
    label: "Contact",
    labelPlural: "Contacts",
    keyPrefix: "003",
    queryable: true,
    replicateable: true,
    mergeable: true,
    undeletable: true,
    custom: false,
    urls: { describe: "/services/data/v66.0/sobjects/Contact/describe" },
  });
  expect(byName.get("Boat__c")).toMatchObject({ custom: true, keyPrefix: "a00" });
  expect(byName.get("AccountHistory")).toMatchObject({ replicateable: false });
  expect(byName.get("NotQueryable__e")).toMatchObject({ queryable: false });
});

test("fields tell their type, lookups, formulas, parts of compounds and what can be done with them", async () => {
  const api = await startTestApi();
  const fields = fieldsOf((await api.get("/sobjects/contact/describe")).text);
  expect(fields.get("Id")).toMatchObject({
    type: "id",
    length: 18,
    nillable: false,
    soapType: "tns:ID",
    filterable: true,
    sortable: true,
  });
  expect(fields.get("SystemModstamp")).toMatchObject({ type: "datetime", filterable: true, nillable: false });
  expect(fields.get("AccountId")).toMatchObject({
    type: "reference",
    referenceTo: ["Account"],
    relationshipName: "Account",
    polymorphicForeignKey: false,
  });
  expect(fields.get("Account_Name__c")).toMatchObject({
    calculated: true,
    calculatedFormula: "Account.Name",
    updateable: false,
    custom: true,
  });
  expect(fields.get("MailingAddress")).toMatchObject({
    type: "address",
    filterable: false,
    sortable: false,
    compoundFieldName: null,
  });
  expect(fields.get("MailingCity")).toMatchObject({ type: "string", compoundFieldName: "MailingAddress" });
  expect(fields.get("FirstName")).toMatchObject({ compoundFieldName: "Name" });
  expect(fields.get("Name")).toMatchObject({ compoundFieldName: "Name", nameField: true, calculated: false });
  expect(fields.get("Description")).toMatchObject({
    type: "textarea",
    length: 32_000,
    filterable: false,
    sortable: false,
    extraTypeInfo: "plaintextarea",
  });
  expect(fields.get("Notes__c")).toMatchObject({ htmlFormatted: true, extraTypeInfo: "richtextarea" });
  expect(fields.get("Loyalty_Number__c")).toMatchObject({ type: "double", precision: 18, scale: 0 });
  const tasks = fieldsOf((await api.get("/sobjects/Task/describe")).text);
  expect(tasks.get("WhoId")).toMatchObject({
    referenceTo: ["Contact", "Lead"],
    polymorphicForeignKey: true,
    relationshipName: "Who",
  });
  const accounts = await api.get("/sobjects/Account/describe");
  expect(fieldsOf(accounts.text).get("Name")).toMatchObject({ compoundFieldName: "Name", type: "string" });
  expect(accounts.each("childRelationships", "relationshipName")).toContain("Contacts");
});

test("fields and objects that the user may not read are absent", async () => {
  const api = await startTestApi();
  api.control.setUser({ hiddenObjects: ["Lead"], hiddenFields: ["contact.birthdate"] });
  expect([...fieldsOf((await api.get("/sobjects/Contact/describe")).text).keys()]).not.toContain("Birthdate");
  expect(await api.get("/sobjects/Lead/describe")).toMatchObject({ status: 404, code: "NOT_FOUND" });
  expect((await api.get("/sobjects")).each("sobjects", "name")).not.toContain("Lead");
  expect((await api.get("/sobjects/Nope/describe")).status).toBe(404);
});

test("a description that did not change since is 304; a change of fields makes it new", async () => {
  const api = await startTestApi();
  const describe = (since: number) =>
    api.get("/sobjects/Account/describe", { "If-Modified-Since": new Date(since).toUTCString() });
  expect((await describe(START_MS)).status).toBe(304);
  expect((await describe(START_MS - 1000)).status).toBe(200);
  api.control.advanceClock(60_000);
  api.control.defineField("Account", { name: "Tier__c", type: "picklist", picklistValues: ["Gold"] });
  const fresh = await describe(START_MS);
  expect(fieldsOf(fresh.text).get("Tier__c")).toMatchObject({
    type: "picklist",
    picklistValues: [{ value: "Gold", active: true }],
  });
  expect((await describe(START_MS + 60_000)).status).toBe(304);
  expect(
    (await api.get("/sobjects/Contact/describe", { "If-Modified-Since": new Date(START_MS).toUTCString() })).status,
  ).toBe(304);
});

test("fields come and go in mid-life, without a stamp of any row", async () => {
  const api = await startTestApi({ org: { rows: { Account: 3 } } });
  const stamps = async () =>
    (await api.query("SELECT SystemModstamp FROM Account ORDER BY Id")).each("records", "SystemModstamp");
  const before = await stamps();
  api.control.defineField("Account", { name: "Tier__c", values: ["gold", "tin"] });
  api.control.defineField("Account", { name: "Label__c", formula: 'Name & " / " & Tier__c & " / " & Owner.Username' });
  const rows = await api.query("SELECT Name, Tier__c, Label__c FROM Account WHERE Label__c LIKE '% / gold / %'");
  expect(rows.at("totalSize")).toBe(2);
  expect(rows.at("records.0.Label__c")).toMatch(/^\S.* \/ gold \/ \S+@\S+$/);
  expect(await stamps()).toEqual(before);
  api.control.removeField("Account", "tier__c");
  expect((await api.query("SELECT Tier__c FROM Account")).code).toBe("INVALID_FIELD");
  expect((await api.query("SELECT Label__c FROM Account")).at("records.0.Label__c")).toContain("/  /");
  expect(() => api.control.removeField("Account", "Tier__c")).toThrow(RangeError);
  expect(() => api.control.defineField("Account", { name: "X__c", formula: "1 + 1" })).toThrow(/joins paths/);
});

test("a stamp may be there and not be filterable", async () => {
  const fields = { Account: [{ name: "SystemModstamp", filterable: false, sortable: false }] };
  const api = await startTestApi({ org: { rows: { Account: 2 }, fields } });
  const described = fieldsOf((await api.get("/sobjects/Account/describe")).text);
  expect(described.get("SystemModstamp")).toMatchObject({ type: "datetime", filterable: false, sortable: false });
  expect([...described.keys()].filter((name) => name === "SystemModstamp")).toHaveLength(1);
  expect((await api.query("SELECT Id FROM Account WHERE SystemModstamp > 2020-01-01T00:00:00Z")).code).toBe(
    "INVALID_FIELD",
  );
  expect(
    (await api.query("SELECT SystemModstamp FROM Account WHERE LastModifiedDate > 2020-01-01T00:00:00Z")).at(
      "totalSize",
    ),
  ).toBe(2);
});

test("a picklist may have lost a value that rows still hold", async () => {
  const api = await startTestApi();
  const id = api.control.create("Account", { Name: "a", Industry: "Media" });
  api.control.deactivatePicklistValue("Account", "Industry", "Media");
  const field = fieldsOf((await api.get("/sobjects/Account/describe")).text).get("Industry");
  expect(field?.["picklistValues"]).toContainEqual(expect.objectContaining({ value: "Media", active: false }));
  expect(api.control.row(id)?.values["Industry"]).toBe("Media");
});

test("custom objects: at the start or later, with or without the platform's fields", async () => {
  const api = await startTestApi({
    org: {
      customObjects: [
        {
          name: "Boat",
          rows: 4,
          fields: [
            { name: "Colour__c", values: ["Red", null] },
            { name: "Fleet__c", type: "reference", referenceTo: ["Account"] },
          ],
        },
        {
          name: "Log__c",
          rows: 2,
          withoutSystemFields: ["SystemModstamp", "LastModifiedDate", "LastModifiedById"],
          bulk: false,
          replicateable: false,
        },
      ],
    },
  });
  const boats = await api.query("SELECT Name, Colour__c, Fleet__r.Name FROM Boat__c ORDER BY Name");
  expect(boats.each("records", "Colour__c")).toEqual(["Red", null, "Red", null]);
  expect([...fieldsOf((await api.get("/sobjects/Log__c/describe")).text).keys()]).not.toContain("SystemModstamp");
  expect((await api.createJob("SELECT Id FROM Log__c")).code).toBe("INVALIDENTITY");
  expect(api.control.defineObject({ name: "Crate", rows: 3 })).toBe("Crate__c");
  expect((await api.query("SELECT COUNT() FROM Crate__c")).at("totalSize")).toBe(3);
  expect(() => api.control.defineObject({ name: "Crate" })).toThrow(RangeError);
});

test("as many fields and objects as a large org has; a describe of each in batches of 25", async () => {
  const api = await startTestApi({ org: { fillerObjects: 1300, extraFields: { Contact: 600 }, rows: { Contact: 1 } } });
  const names = (await api.get("/sobjects")).each("sobjects", "name");
  expect(names.length).toBeGreaterThan(1300);
  const fields = fieldsOf((await api.get("/sobjects/Contact/describe")).text);
  const extra = [...fields.keys()].filter((name) => name.startsWith("Extra_"));
  expect(extra).toHaveLength(600);
  const batchRequests = ["Account", "Nope", "Filler_1300__c"].map((name) => ({
    method: "GET",
    url: `v66.0/sobjects/${name}/describe`,
  }));
  const batch = await api.send("POST", "/composite/batch", { batchRequests });
  expect(batch.at("hasErrors")).toBe(true);
  expect(batch.each("results", "statusCode")).toEqual([200, 404, 200]);
  expect(batch.each("results", "result.name")).toEqual(["Account", undefined, "Filler_1300__c"]);
  const halted = await api.send("POST", "/composite/batch", { batchRequests, haltOnError: true });
  expect(halted.each("results", "statusCode")).toEqual([200, 404]);
  const nested = await api.send("POST", "/composite/batch", {
    batchRequests: [{ method: "POST", url: "v66.0/composite/batch" }, 5, { method: "GET", url: "v67.0/limits" }],
  });
  expect(nested.each("results", "statusCode")).toEqual([404, 400, 400]);
  const query = {
    batchRequests: [{ method: "GET", url: `v66.0/query?q=${encodeURIComponent("SELECT Id FROM Contact")}` }],
  };
  expect((await api.send("POST", "/composite/batch", query)).at("results.0.result.totalSize")).toBe(1);
  expect((await api.send("POST", "/composite/batch", { batchRequests: [] })).status).toBe(400);
});

test("person accounts: an account and a contact that are one person", async () => {
  const plain = await startTestApi();
  expect((await plain.query("SELECT IsPersonAccount FROM Account")).code).toBe("INVALID_FIELD");
  const api = await startTestApi({ org: { rows: { Account: 5, Contact: 5 }, personAccounts: 2 } });
  const people = await api.query("SELECT Id, PersonContactId, PersonEmail FROM Account WHERE IsPersonAccount = true");
  expect(people.at("totalSize")).toBe(2);
  for (const [index, contact] of people.each("records", "PersonContactId").entries()) {
    const half = await api.query(`SELECT AccountId, Email FROM Contact WHERE Id = '${String(contact)}'`);
    expect(half.at("records.0.AccountId")).toBe(people.at(`records.${index}.Id`));
    expect(half.at("records.0.Email")).toBe(people.at(`records.${index}.PersonEmail`));
  }
});
