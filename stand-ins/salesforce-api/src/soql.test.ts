import { expect, test } from "vitest";
import { allPages, START_MS, startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

/** Five accounts that differ in everything that can be asked for. */
async function startAccounts(): Promise<TestApi> {
  const api = await startTestApi();
  const make = (Name: string, values: object, atMs: number) =>
    api.control.create("Account", { Name, ...values }, { atMs });
  make("Acme", { Type: "Customer", AnnualRevenue: 100, Phone: "1%2" }, START_MS - 86_400_000);
  make("acorn", { Type: "Partner", AnnualRevenue: 200, Phone: "1_2" }, START_MS - 3000);
  make("Birch", { Type: "Customer", AnnualRevenue: 300, Phone: "1x2" }, START_MS - 2000);
  make("Cedar", { AnnualRevenue: 400 }, START_MS - 1000);
  make('D\'Arcy "x"', { Type: "Other" }, START_MS);
  return api;
}

const YESTERDAY = "2026-11-21";

test.each([
  ["Name = 'ACME'", ["Acme"]],
  ["Name != 'acme'", ["acorn", "Birch", "Cedar", 'D\'Arcy "x"']],
  ["Type = null", ["Cedar"]],
  ["Type = ''", ["Cedar"]],
  ["Type != null", ["Acme", "acorn", "Birch", 'D\'Arcy "x"']],
  ["Type != 'Customer'", ["acorn", "Cedar", 'D\'Arcy "x"']],
  ["AnnualRevenue > 200", ["Birch", "Cedar"]],
  ["AnnualRevenue >= 2e2 AND AnnualRevenue < 400", ["acorn", "Birch"]],
  ["AnnualRevenue <= 100", ["Acme"]],
  ["AnnualRevenue = 100.0", ["Acme"]],
  ["Type IN ('partner', 'Other')", ["acorn", 'D\'Arcy "x"']],
  ["Type NOT IN ('partner', 'Other')", ["Acme", "Birch", "Cedar"]],
  ["Name LIKE 'ac%'", ["Acme", "acorn"]],
  ["Name LIKE '_irch'", ["Birch"]],
  ["Phone LIKE '1\\\\%2'", ["Acme"]],
  ["Phone LIKE '1\\\\_2'", ["acorn"]],
  ["Phone LIKE '1_2'", ["Acme", "acorn", "Birch"]],
  ["Name = 'D\\\\'Arcy \\\\\"x\\\\\"'", ['D\'Arcy "x"']],
  ["NOT Type = 'Customer'", ["acorn", "Cedar", 'D\'Arcy "x"']],
  ["NOT (Type = 'Customer' OR Type = 'Partner')", ["Cedar", 'D\'Arcy "x"']],
  ["(Type = 'Customer' AND AnnualRevenue > 200) OR Name = 'Cedar'", ["Birch", "Cedar"]],
  [`SystemModstamp > ${YESTERDAY}T12:00:00.000Z AND SystemModstamp <= 2026-11-22T11:59:58Z`, ["acorn", "Birch"]],
  ["SystemModstamp >= 2026-11-22T13:59:59+02:00", ["Cedar", 'D\'Arcy "x"']],
  ["SystemModstamp = 2026-11-22T11:59:58.000+0000", ["Birch"]],
  ["SystemModstamp = 2026-11-21T12:00:00Z OR SystemModstamp >= 2026-11-22T12:00:00Z", ["Acme", 'D\'Arcy "x"']],
  [
    "SystemModstamp <= 2026-11-21T12:00:00Z OR (SystemModstamp = 2026-11-22T11:59:59Z AND Id != null)",
    ["Acme", "Cedar"],
  ],
  ["SystemModstamp = TODAY", ["acorn", "Birch", "Cedar", 'D\'Arcy "x"']],
  ["SystemModstamp < TODAY", ["Acme"]],
  ["SystemModstamp > YESTERDAY", ["acorn", "Birch", "Cedar", 'D\'Arcy "x"']],
  ["SystemModstamp <= YESTERDAY", ["Acme"]],
  ["SystemModstamp = LAST_N_DAYS:1", ["Acme", "acorn", "Birch", "Cedar", 'D\'Arcy "x"']],
  ["CreatedDate >= THIS_MONTH AND CreatedDate < NEXT_N_DAYS:2", ["Acme", "acorn", "Birch", "Cedar", 'D\'Arcy "x"']],
  ["CreatedDate = LAST_MONTH OR CreatedDate = LAST_YEAR OR CreatedDate = TOMORROW", []],
  ["IsDeleted = false AND Account.Name = 'Acme'", ["Acme"]],
  [
    "CreatedBy.Name != null AND Owner.Username LIKE '%@acme.example'",
    ["Acme", "acorn", "Birch", "Cedar", 'D\'Arcy "x"'],
  ],
])("WHERE %s", async (where, names) => {
  const api = await startAccounts();
  // Backslashes are doubled above only to survive the title of the test.
  const answer = await api.query(`SELECT Name FROM Account WHERE ${where.replaceAll("\\\\", "\\")} ORDER BY Name`);
  expect(answer.status).toBe(200);
  expect(answer.each("records", "Name")).toEqual(names);
});

test("keyset paging by stamp and id finds every row of equal stamps once, whatever the page", async () => {
  const api = await startTestApi({
    org: {
      rows: { Contact: 400 },
      bulkUpdates: [{ object: "Contact", count: 150, atMs: START_MS - 5_000_000, from: 100 }],
    },
  });
  api.control.updateMany(
    "Contact",
    api.control.rows({ object: "Contact", limit: 40 }).map(({ id }) => id),
    { Title: "x" },
    { atMs: START_MS - 5_000_000 },
  );
  const seen: string[] = [];
  let after: { stamp: string; id: string } | undefined;
  for (;;) {
    const where =
      after === undefined
        ? ""
        : `WHERE (SystemModstamp = ${after.stamp} AND Id > '${after.id}') OR SystemModstamp > ${after.stamp}`;
    const page = await api.query(
      `SELECT Id, SystemModstamp FROM Contact ${where} ORDER BY SystemModstamp, Id LIMIT 37`,
    );
    const ids = page.each("records", "Id").map(String);
    if (ids.length === 0) break;
    seen.push(...ids);
    after = {
      id: ids.at(-1) ?? "",
      stamp: String(page.each("records", "SystemModstamp").at(-1)).replace("+0000", "Z"),
    };
  }
  expect(seen).toHaveLength(400);
  expect(seen.toSorted()).toEqual(api.control.rows({ object: "Contact" }).map(({ id }) => id));
});

test("ids are compared by their characters, in ranges, lists and order", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 600 } } });
  const all = api.control.rows({ object: "Contact" }).map(({ id }) => id);
  const ids = async (rest: string) => (await api.query(`SELECT Id FROM Contact ${rest}`)).each("records", "Id");
  expect(await ids(`WHERE Id > '${all[299]}' ORDER BY Id LIMIT 5`)).toEqual(all.slice(300, 305));
  expect(await ids(`WHERE Id >= '${all[299]}' AND Id <= '${all[301]}' ORDER BY Id`)).toEqual(all.slice(299, 302));
  expect(await ids(`WHERE Id < '${all[3]}' ORDER BY Id DESC`)).toEqual(all.slice(0, 3).toReversed());
  expect(await ids(`WHERE Id IN ('${all[7]}', '${all[5]?.slice(0, 15)}', '001000000000000AAA') ORDER BY Id`)).toEqual([
    all[5],
    all[7],
  ]);
  expect(await ids(`WHERE Id IN ('${all[7]}') AND Id IN ('${all[5]}')`)).toEqual([]);
  expect(await ids(`WHERE Id < '${all[2]}' OR Id > '${all[597]}' ORDER BY Id`)).toEqual([
    ...all.slice(0, 2),
    ...all.slice(598),
  ]);
  expect(await ids(`WHERE Id > '001000000000000' ORDER BY Id LIMIT 2`)).toEqual(all.slice(0, 2));
  expect(await ids(`WHERE Id > '00Q000000000000' ORDER BY Id LIMIT 2`)).toEqual([]);
});

test("ORDER BY: nulls first unless they are to be last, texts without regard to case, several keys, both directions", async () => {
  const api = await startAccounts();
  const names = async (order: string) =>
    (await api.query(`SELECT Name FROM Account ORDER BY ${order}`)).each("records", "Name");
  expect(await names("Name")).toEqual(["Acme", "acorn", "Birch", "Cedar", 'D\'Arcy "x"']);
  expect(await names("AnnualRevenue")).toEqual(['D\'Arcy "x"', "Acme", "acorn", "Birch", "Cedar"]);
  expect(await names("AnnualRevenue DESC NULLS LAST")).toEqual(["Cedar", "Birch", "acorn", "Acme", 'D\'Arcy "x"']);
  expect(await names("AnnualRevenue DESC NULLS FIRST")).toEqual(['D\'Arcy "x"', "Cedar", "Birch", "acorn", "Acme"]);
  expect(await names("Type NULLS LAST, Name DESC")).toEqual(["Birch", "Acme", 'D\'Arcy "x"', "acorn", "Cedar"]);
  expect(await names("SystemModstamp DESC LIMIT 2")).toEqual(['D\'Arcy "x"', "Cedar"]);
  expect(await names("SystemModstamp LIMIT 2 OFFSET 1")).toEqual(["acorn", "Birch"]);
});

test("without ORDER BY rows come in no order, or by id", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 50 } } });
  const ids = async () => (await api.query("SELECT Id FROM Contact")).each("records", "Id").map(String);
  const all = api.control.rows({ object: "Contact" }).map(({ id }) => id);
  const scattered = await ids();
  expect(scattered).not.toEqual(all);
  expect(scattered.toSorted()).toEqual(all);
  api.control.setKnobs({ unordered: "id" });
  expect(await ids()).toEqual(all);
});

test("COUNT() has its number in totalSize and no records; aggregates are one record", async () => {
  const api = await startAccounts();
  const count = await api.query("SELECT COUNT() FROM Account WHERE AnnualRevenue > 100");
  expect(JSON.parse(count.text)).toEqual({ totalSize: 3, done: true, records: [] });
  const soql =
    "SELECT COUNT(Type), MIN(SystemModstamp) first, MAX(AnnualRevenue), SUM(AnnualRevenue) s, AVG(AnnualRevenue) FROM Account";
  const { text } = await api.query(soql);
  expect(JSON.parse(text)).toEqual({
    totalSize: 1,
    done: true,
    records: [
      {
        attributes: { type: "AggregateResult" },
        expr0: 4,
        first: "2026-11-21T12:00:00.000+0000",
        expr2: 400,
        s: 1000,
        expr4: 250,
      },
    ],
  });
});

test("FIELDS() names what the user sees; ALL and CUSTOM want a limit of 200", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 1 } } });
  api.control.setUser({ hiddenFields: ["Contact.Birthdate"] });
  const members = async (soql: string) => Object.keys(JSON.parse((await api.query(soql)).text).records[0]);
  expect(await members("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 1")).toEqual([
    "attributes",
    "Account_Name__c",
    "Notes__c",
    "Loyalty_Number__c",
    "Interests__c",
    "Calling_Time__c",
  ]);
  const standard = await members("SELECT FIELDS(STANDARD) FROM Contact");
  expect(standard).toContain("Name");
  expect(standard).not.toContain("Birthdate");
  expect((await api.query("SELECT FIELDS(ALL) FROM Contact")).code).toBe("MALFORMED_QUERY");
});

test("multi-select picklists", async () => {
  const api = await startTestApi();
  for (const Interests__c of ["Rail", "Rail;Sea", "Road;Sea", null])
    api.control.create("Contact", { LastName: "x", Interests__c });
  const found = async (where: string) =>
    (await api.query(`SELECT Interests__c FROM Contact WHERE ${where}`))
      .each("records", "Interests__c")
      .map(String)
      .toSorted();
  expect(await found("Interests__c INCLUDES ('Rail')")).toEqual(["Rail", "Rail;Sea"]);
  expect(await found("Interests__c INCLUDES ('Rail;Sea', 'Road')")).toEqual(["Rail;Sea", "Road;Sea"]);
  expect(await found("Interests__c EXCLUDES ('Sea')")).toEqual(["Rail", "null"]);
});

test.each([
  ["SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'."],
  ["SELECT Id, Owner.Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'User'."],
  ["SELECT Id, Owner.Nope FROM Task", "INVALID_FIELD", "No such column 'Nope' on entity 'Name'."],
  ["SELECT Id, Nope.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Nope' in field path."],
  ["SELECT Id, OwnerId.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'OwnerId'"],
  [
    "SELECT Id FROM Contact WHERE Description != null",
    "INVALID_FIELD",
    "field 'Description' can not be filtered in a query call",
  ],
  [
    "SELECT Id FROM Contact ORDER BY Description",
    "INVALID_FIELD",
    "field 'Description' can not be sorted in a query call",
  ],
  ["SELECT Id FROM Contact WHERE MailingAddress = 'x'", "INVALID_FIELD", "can not be filtered"],
  [
    "SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01T00:00:00Z'",
    "INVALID_FIELD",
    "must be of type dateTime and should not be enclosed in quotes",
  ],
  ["SELECT Id FROM Account WHERE SystemModstamp > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"],
  ["SELECT Id FROM Opportunity WHERE CloseDate > 2026-01-01T00:00:00Z", "INVALID_FIELD", "must be of type date "],
  ["SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"],
  ["SELECT Id FROM Account WHERE AnnualRevenue = '5'", "INVALID_FIELD", "must be of type double"],
  ["SELECT Id FROM Account WHERE IsDeleted = 0", "INVALID_FIELD", "must be of type boolean"],
  ["SELECT Id FROM Account WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"],
  ["SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"],
  ["SELECT Id FROM Acount", "INVALID_TYPE", "sObject type 'Acount' is not supported."],
  ["SELECT Id FROM NotQueryable__e", "INVALID_TYPE_FOR_OPERATION", "does not support query"],
  ["SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"],
  ["SELECT Id FROM", "MALFORMED_QUERY", "unexpected token: '<EOF>'"],
  ["SELECT Id, FROM Account", "MALFORMED_QUERY", "unexpected token"],
  ["SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"],
  ["SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "mismatched character"],
  ["SELECT Id FROM Account WHERE Name ~ 'x'", "MALFORMED_QUERY", "unexpected token: '~'"],
  ["SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3", "MALFORMED_QUERY", "unexpected token: 'OR'"],
  ["SELECT Id FROM Account WHERE A = 1 OR B = 2 AND C = 3", "MALFORMED_QUERY", "unexpected token: 'AND'"],
  ["SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY", "unexpected token"],
  ["SELECT Id FROM Account WHERE SystemModstamp > 2026-13-45T00:00:00Z", "MALFORMED_QUERY", "invalid dateTime"],
  ["SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated"],
])("%s is refused", async (soql, code, words) => {
  const refused = await (await startTestApi()).query(soql);
  expect(refused).toMatchObject({ status: 400, code });
  expect(refused.at("0.message")).toContain(words);
});

test("an error shows an excerpt, a caret under the place, and its column", async () => {
  const { text } = await (await startTestApi()).query("SELECT Id, Nope FROM Contact");
  const [{ message }] = JSON.parse(text);
  const [, excerpt, caret, place] = message.split("\n");
  expect(excerpt).toBe("SELECT Id, Nope FROM Contact");
  expect(caret).toBe("           ^");
  expect(place).toBe("ERROR at Row:1:Column:12");
});

test("a query that is missing or longer than 100,000 characters is refused", async () => {
  const api = await startTestApi({ maxUriBytes: 1_000_000, maxHeadBytes: 1_000_000 });
  expect((await api.get("/query")).code).toBe("MALFORMED_QUERY");
  const long = `SELECT Id FROM Account WHERE Name = '${"x".repeat(100_000)}'`;
  expect((await api.query(long)).at("0.message")).toContain("100000");
});

test("up to five parents can be followed", async () => {
  const api = await startTestApi();
  let parent = api.control.create("Account", { Name: "1" });
  for (const Name of ["2", "3", "4", "5", "6"]) parent = api.control.create("Account", { Name, ParentId: parent });
  const path = (levels: number) => `${"Parent.".repeat(levels)}Name`;
  const top = await api.query(`SELECT ${path(5)} FROM Account WHERE Name = '6'`);
  expect(top.at(`records.0.${path(5)}`)).toBe("1");
  expect((await api.query(`SELECT ${path(6)} FROM Account`)).code).toBe("INVALID_FIELD");
});

test("pages of 2,000 whose totalSize repeats and whose last has no way on", async () => {
  const api = await startTestApi({ org: { rows: { Account: 4500 } } });
  const first = await api.query("SELECT Id FROM Account");
  expect(first.at("totalSize")).toBe(4500);
  expect(first.at("nextRecordsUrl")).toMatch(/^\/services\/data\/v66\.0\/query\/0r8\w{15}-2000$/);
  const { ids, sizes } = await allPages(api, first);
  expect(sizes).toEqual([2000, 2000, 500]);
  expect(new Set(ids).size).toBe(4500);
});
