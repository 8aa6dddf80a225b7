import { expect, test } from "vitest";
import { allPages, DATA, START_MS, startTestApi } from "./__fixtures__/start-test-api.ts";

test("rows are written as they were asked for: attributes, fields in order, parents within, null parents as null", async () => {
  const api = await startTestApi();
  const { control } = api;
  const account = control.create("Account", { Name: "Acme", BillingCity: "Cork", BillingCountry: "Ireland" });
  const withParent = control.create("Contact", {
    LastName: "Li",
    FirstName: "Ada",
    AccountId: account,
    Loyalty_Number__c: "123456789012345678",
    HasOptedOutOfEmail: true,
    Birthdate: "1990-04-19",
    Calling_Time__c: "13:05:00.000Z",
    Interests__c: "Rail;Sea",
  });
  control.create("Contact", { LastName: "Orphan" });
  const fields =
    "Id, account.name, LASTNAME, Name, Account.BillingAddress, Account.Owner.Username, SystemModstamp, HasOptedOutOfEmail, " +
    "Birthdate, Calling_Time__c, Interests__c, Title, Loyalty_Number__c, MailingAddress";
  const { text } = await api.query(`SELECT ${fields} FROM contact ORDER BY LastName`);
  const [first, second] = JSON.parse(text).records;
  expect(first).toEqual({
    attributes: { type: "Contact", url: `${DATA}/sobjects/Contact/${withParent}` },
    Id: withParent,
    Account: {
      attributes: { type: "Account", url: `${DATA}/sobjects/Account/${account}` },
      Name: "Acme",
      BillingAddress: {
        geocodeAccuracy: null,
        city: "Cork",
        country: "Ireland",
        latitude: null,
        longitude: null,
        postalCode: null,
        state: null,
        street: null,
      },
      Owner: { attributes: expect.objectContaining({ type: "User" }), Username: "sync@acme.example" },
    },
    LastName: "Li",
    Name: "Ada Li",
    SystemModstamp: "2026-11-22T12:00:00.000+0000",
    HasOptedOutOfEmail: true,
    Birthdate: "1990-04-19",
    Calling_Time__c: "13:05:00.000Z",
    Interests__c: "Rail;Sea",
    Title: null,
    Loyalty_Number__c: expect.any(Number),
    MailingAddress: null,
  });
  expect(Object.keys(first)[2]).toBe("Account");
  expect(second).toMatchObject({ Account: null, LastName: "Orphan", Name: "Orphan" });
  expect(text).toContain('"Loyalty_Number__c":123456789012345678');
});

test("numbers of JSON have all their digits, or exponents as well", async () => {
  const api = await startTestApi();
  api.control.create("Contact", { LastName: "Li", Loyalty_Number__c: "123456789012345678" });
  const { text } = await api.query("SELECT Loyalty_Number__c FROM Contact");
  expect(text).toContain('"Loyalty_Number__c":123456789012345678}');
  api.control.setKnobs({ restNumbers: "exponent" });
  const { text: other } = await api.query("SELECT Loyalty_Number__c FROM Contact");
  expect(other).toContain('"Loyalty_Number__c":1.23456789012345678E17}');
});

test("a lookup that may lead to several objects has the general fields only", async () => {
  const api = await startTestApi();
  const lead = api.control.create("Lead", { LastName: "Lee", Company: "x" });
  api.control.create("Task", { WhoId: lead, Subject: "Call" });
  const { text } = await api.query("SELECT Who.Name, Who.Type, Who.Id, What.Name FROM Task");
  expect(JSON.parse(text).records).toEqual([
    {
      attributes: expect.anything(),
      Who: { attributes: expect.objectContaining({ type: "Name" }), Name: "Lee", Type: "Lead", Id: lead },
      What: null,
    },
  ]);
});

test.each([
  ["SELECT Id FROM Contact", undefined, [2000, 1000]],
  ["SELECT Id FROM Contact", 500, [500, 500, 500, 500, 500, 500]],
  ["SELECT Id FROM Contact", 5000, [2000, 1000]],
  ["SELECT Id FROM Contact WHERE Id != null LIMIT 250", 1, [200, 50]],
  ["SELECT Id, Description FROM Contact", 2000, [1000, 1000, 1000]],
  ["SELECT Id, Notes__c FROM Contact LIMIT 600", 2000, [250, 250, 100]],
])("%s with batchSize %s comes in pages of %j", async (soql, batchSize, expected) => {
  const api = await startTestApi({ org: { rows: { Contact: 3000 } } });
  const headers = batchSize === undefined ? {} : { "Sforce-Query-Options": `batchSize=${batchSize}` };
  const { ids, sizes } = await allPages(api, await api.query(soql, headers));
  expect(sizes).toEqual(expected);
  expect(new Set(ids).size).toBe(expected.reduce((sum, size) => sum + size, 0));
});

test("pages can be made smaller than anyone asked for, or not adapt", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 30 } }, maxPageRows: 7, adaptivePages: false });
  const { sizes } = await allPages(api, await api.query("SELECT Id, Notes__c FROM Contact"));
  expect(sizes).toEqual([7, 7, 7, 7, 2]);
});

test("a query is a snapshot: rows of later pages are as they were when it began, or as they are", async () => {
  const api = await startTestApi({ org: { rows: { Account: 20 } }, maxPageRows: 10, unordered: "id" });
  const last = async () => {
    const first = await api.query("SELECT Id, Name, SystemModstamp FROM Account");
    const row = api.control.rows({ object: "Account", offset: 15, limit: 1 })[0];
    const stays = api.control.rows({ object: "Account", offset: 14, limit: 1 })[0];
    api.control.update(row?.id ?? "", { Name: "Changed" }, { atMs: START_MS });
    api.control.delete(stays?.id ?? "");
    const second = await api.get(String(first.at("nextRecordsUrl")));
    api.control.undelete(stays?.id ?? "");
    return second.each("records", "Name");
  };
  const before = await last();
  expect(before).toHaveLength(10);
  expect(before).not.toContain("Changed");
  api.control.setKnobs({ cursorValues: "current" });
  expect(await last()).toContain("Changed");
});

test("a locator can be read again, for two days", async () => {
  const api = await startTestApi({ org: { rows: { Account: 20 } }, maxPageRows: 10, sessionSeconds: 10 * 86_400 });
  const next = String((await api.query("SELECT Id FROM Account")).at("nextRecordsUrl"));
  const page = await api.get(next);
  expect((await api.get(next)).text).toBe(page.text);
  api.control.advanceClock(2 * 86_400_000 - 1);
  expect((await api.get(next)).status).toBe(200);
  api.control.advanceClock(1);
  expect(await api.get(next)).toMatchObject({ status: 400, code: "INVALID_QUERY_LOCATOR" });
});

test.each(["/query/0r8Hp0000000009IAA-10", "/query/nonsense", "/query/01gD0000002HU6KIAW-2000"])(
  "%s is no locator",
  async (path) => {
    expect(await (await startTestApi()).get(path)).toMatchObject({ status: 400, code: "INVALID_QUERY_LOCATOR" });
  },
);

test("a locator beyond the end of its rows is none; all of them can be forgotten", async () => {
  const api = await startTestApi({ org: { rows: { Account: 20 } }, maxPageRows: 10 });
  const next = String((await api.query("SELECT Id FROM Account")).at("nextRecordsUrl"));
  expect((await api.get(next.replace(/\d+$/, "20"))).code).toBe("INVALID_QUERY_LOCATOR");
  api.control.forgetLocators();
  expect((await api.get(next)).code).toBe("INVALID_QUERY_LOCATOR");
});

test("a locator of another session is unauthorized for ever, unknown, or served", async () => {
  const api = await startTestApi({ org: { rows: { Account: 20 } }, maxPageRows: 10 });
  const next = String((await api.query("SELECT Id FROM Account")).at("nextRecordsUrl"));
  const headers = { Authorization: `Bearer ${await api.login()}` };
  expect(await api.get(next, headers)).toMatchObject({ status: 401, code: "INVALID_SESSION_ID" });
  expect((await api.get("/limits", headers)).status).toBe(200);
  api.control.setKnobs({ foreignLocator: "invalid-locator" });
  expect((await api.get(next, headers)).code).toBe("INVALID_QUERY_LOCATOR");
  api.control.setKnobs({ foreignLocator: "serve" });
  expect((await api.get(next, headers)).status).toBe(200);
});

test("queryAll goes on under /query, and still has the rows of the bin", async () => {
  const api = await startTestApi({ org: { rows: { Account: 30 } }, maxPageRows: 10 });
  for (const { id } of api.control.rows({ object: "Account", limit: 25 })) api.control.delete(id);
  const first = await api.queryAll("SELECT Id FROM Account");
  expect(first.at("nextRecordsUrl")).toContain(`${DATA}/query/`);
  expect((await allPages(api, first)).ids).toHaveLength(30);
});

test("a query that matches too many rows takes too long; in halves it does not", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 100 } }, queryTimeoutRows: 60 });
  const timeout = await api.query("SELECT Id FROM Contact");
  expect(timeout).toMatchObject({ status: 400, code: "QUERY_TIMEOUT" });
  expect(timeout.at("0.message")).toBe("Your query request was running for too long.");
  const middle = api.control.rows({ object: "Contact" })[50]?.id ?? "";
  expect((await api.query(`SELECT Id FROM Contact WHERE Id < '${middle}'`)).at("totalSize")).toBe(50);
  expect((await api.query(`SELECT Id FROM Contact WHERE Id >= '${middle}'`)).at("totalSize")).toBe(50);
});

test("fields and objects that a user may not read are not there; rows of others neither", async () => {
  const api = await startTestApi({ org: { rows: { Account: 50, Contact: 5 } } });
  api.control.setUser({ hiddenObjects: ["Lead"], hiddenFields: ["Contact.Birthdate", "Account.Name"] });
  expect((await api.query("SELECT Birthdate FROM Contact")).code).toBe("INVALID_FIELD");
  expect((await api.query("SELECT Id FROM Contact WHERE Birthdate = null")).code).toBe("INVALID_FIELD");
  expect((await api.query("SELECT Account.Name FROM Contact")).code).toBe("INVALID_FIELD");
  expect((await api.query("SELECT Id FROM Lead")).code).toBe("INVALID_TYPE");
  api.control.setUser({ hiddenObjects: [], viewAllData: false });
  const all = api.control.rows({ object: "Account" });
  const user = String((await api.get("/services/oauth2/userinfo")).at("user_id"));
  const mine = all.filter(({ values }) => values["OwnerId"] === user).length;
  expect(mine).toBeGreaterThan(0);
  expect(mine).toBeLessThan(50);
  expect((await api.query("SELECT COUNT() FROM Account")).at("totalSize")).toBe(mine);
  expect((await api.query("SELECT COUNT() FROM User")).at("totalSize")).toBe(5);
});

test("single rows and lists of ids can be read; what is not there is null in a list", async () => {
  const api = await startTestApi();
  const { control } = api;
  const account = control.create("Account", { Name: "Acme" });
  const id = control.create("Contact", { LastName: "Li", AccountId: account });
  const gone = control.create("Contact", { LastName: "Gone" });
  control.delete(gone);
  const one = await api.get(`/sobjects/Contact/${id}?fields=LastName,Account.Name`);
  expect(JSON.parse(one.text)).toMatchObject({ LastName: "Li", Account: { Name: "Acme" } });
  expect((await api.get(`/sobjects/Contact/${id}`)).at("LastName")).toBe("Li");
  expect(await api.get(`/sobjects/Contact/${gone}`)).toMatchObject({ status: 404, code: "ENTITY_IS_DELETED" });
  expect((await api.get(`/sobjects/Contact/${account}`)).status).toBe(404);
  const ids = [id, gone, "003000000000000AAA", id.slice(0, 15)];
  const list = await api.send("POST", "/composite/sobjects/Contact", { ids, fields: ["Id", "LastName"] });
  expect(JSON.parse(list.text)).toMatchObject([{ Id: id, LastName: "Li" }, null, null, { Id: id }]);
  const short = await api.get(`/composite/sobjects/Contact?ids=${id}&fields=Id`);
  expect(JSON.parse(short.text)).toMatchObject([{ Id: id }]);
  const tooMany = Array.from({ length: 2001 }, () => id);
  expect((await api.send("POST", "/composite/sobjects/Contact", { ids: tooMany, fields: ["Id"] })).code).toBe(
    "EXCEEDED_ID_LIMIT",
  );
  expect((await api.send("POST", "/composite/sobjects/Contact", { ids: ["x"], fields: ["Id"] })).code).toBe(
    "MALFORMED_ID",
  );
  expect((await api.send("POST", "/composite/sobjects/Contact", { ids: [id] })).status).toBe(400);
  expect((await api.send("POST", "/composite/sobjects/Contact", { ids: [id], fields: ["Nope"] })).code).toBe(
    "INVALID_FIELD",
  );
  expect((await api.send("POST", "/composite/sobjects/Contact", "[")).code).toBe("JSON_PARSER_ERROR");
});

test("objects without a stamp have what they have", async () => {
  const api = await startTestApi({ org: { rows: { LoginHistory: 5, AccountHistory: 5 } } });
  expect((await api.query("SELECT Id, SystemModstamp FROM LoginHistory")).code).toBe("INVALID_FIELD");
  expect((await api.query("SELECT Id, LoginTime FROM LoginHistory ORDER BY LoginTime")).at("totalSize")).toBe(5);
  expect(
    (await api.query("SELECT Id, CreatedDate FROM AccountHistory WHERE CreatedDate > 2020-01-01T00:00:00Z")).at(
      "totalSize",
    ),
  ).toBe(5);
});

test("activities of very many parents are too large for somebody who does not see all data", async () => {
  const users = [{ viewAllData: false }];
  const api = await startTestApi({ org: { rows: { Task: 110_000, Contact: 10 }, users: 1 }, users });
  expect(await api.query("SELECT Id, WhoId FROM Task")).toMatchObject({ status: 400, code: "OPERATION_TOO_LARGE" });
  expect((await api.query("SELECT Id, WhoId FROM Task LIMIT 10")).status).toBe(200);
  const job = await api.createJob("SELECT Id FROM Task");
  expect(job.at("0.message")).toContain("Implementation restriction");
});
