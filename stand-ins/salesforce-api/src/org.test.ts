import { expect, test } from "vitest";
import { allResults, START_MS, startTestApi } from "./__fixtures__/start-test-api.ts";

const DAY = 86_400_000;

test("the same seed gives the same org, another one another", async () => {
  const dump = async (seed: number) => {
    const { control } = await startTestApi({
      org: { rows: { Contact: 50, Account: 10, Task: 5, Lead: 5, Opportunity: 5, Case: 5 }, seed },
    });
    return control.rows();
  };
  const first = await dump(1);
  // Five of them are users, five the values of two short lists.
  expect(first.length).toBe(90);
  expect(await dump(1)).toEqual(first);
  expect(await dump(2)).not.toEqual(first);
});

test("seeded rows were made and changed before the day of the start, created before changed", async () => {
  const { control } = await startTestApi({ org: { rows: { Contact: 500 }, days: 100 } });
  const until = Date.UTC(2026, 10, 22);
  for (const row of control.rows({ object: "Contact" })) {
    expect(row.createdMs).toBeGreaterThanOrEqual(until - 100 * DAY);
    expect(row.stampMs).toBeGreaterThanOrEqual(row.createdMs);
    expect(row.modifiedMs).toBeLessThanOrEqual(row.stampMs);
    expect(row.stampMs).toBeLessThan(until);
    expect(row.stampMs % 1000).toBe(0);
  }
});

test("a share of rows is in the bin, recently enough to be there still", async () => {
  const { control } = await startTestApi({ org: { rows: { Contact: 1000, CampaignMember: 1000 }, deletedShare: 0.2 } });
  const { objects } = control.counts();
  expect(objects["Contact"]?.deleted).toBeGreaterThan(120);
  expect(objects["Contact"]?.deleted).toBeLessThan(280);
  expect(objects["CampaignMember"]).toEqual({ live: 1000, deleted: 0 });
});

test("so many rows changed in one second by one load", async () => {
  const api = await startTestApi({
    org: {
      rows: { Contact: 5000 },
      bulkUpdates: [{ object: "Contact", count: 3000, atMs: START_MS - DAY + 500, from: 1000 }],
    },
  });
  const answer = await api.query("SELECT COUNT() FROM Contact WHERE SystemModstamp = 2026-11-21T12:00:00Z");
  expect(answer.at("totalSize")).toBe(3000);
});

test("texts that are easily misread are there: odd words, leading zeros, line breaks, quotes, a NUL byte", async () => {
  const { control } = await startTestApi({ org: { rows: { Contact: 1000 } } });
  const rows = control.rows({
    object: "Contact",
    fields: ["Description", "Department", "MailingPostalCode", "LastName", "Loyalty_Number__c"],
  });
  const all = (name: string) => rows.map(({ values }) => values[name]);
  expect(all("Department")).toEqual(expect.arrayContaining(["NA", "None", "null", "N/A"]));
  expect(all("LastName")).toEqual(expect.arrayContaining(["Null", "O'Neil"]));
  expect(all("MailingPostalCode").every((code) => /^0\d{4}$/.test(String(code)))).toBe(true);
  const prose = all("Description")
    .filter((text) => text !== undefined)
    .map(String);
  for (const piece of ["\u0000", "\n", "\r\n", '"', "🙂", "\t"])
    expect(prose.some((text) => text.includes(piece))).toBe(true);
  expect(all("Loyalty_Number__c").every((number) => /^\d{18}$/.test(String(number)))).toBe(true);
});

test("archived activities are shown by queryAll only, with their stamp", async () => {
  const api = await startTestApi({ org: { rows: { Task: 300, Contact: 5, Lead: 5 }, archivedShare: 0.3 } });
  const [live, all] = [await api.query("SELECT COUNT() FROM Task"), await api.queryAll("SELECT COUNT() FROM Task")];
  expect(all.at("totalSize")).toBe(300);
  expect(live.at("totalSize")).toBeLessThan(250);
  expect((await api.queryAll("SELECT COUNT() FROM Task WHERE IsArchived = false")).at("totalSize")).toBe(
    live.at("totalSize"),
  );
});

test("a queue can own what a user can", async () => {
  const api = await startTestApi();
  const queue = api.control.create("Group", { Name: "Night shift" });
  api.control.create("Case", { Subject: "x", OwnerId: queue });
  const { text } = await api.query("SELECT Owner.Name, Owner.Type FROM Case");
  expect(JSON.parse(text).records).toMatchObject([{ Owner: { Name: "Night shift", Type: "Group" } }]);
});

test.each([
  [{ rows: { Spaceship: 5 } }, /No object Spaceship/],
  [{ rows: { Contact: -1 } }, /rows.Contact/],
  [{ rows: { Contact: 3_000_000 } }, /at most/],
  [{ deletedShare: 2 }, /deletedShare/],
  [{ fields: { Contact: [{ name: "X__c", formula: "??" }] } }, /formula/],
])("an org of %j is impossible", async (org, message) => {
  await expect(startTestApi({ org })).rejects.toThrow(message);
});

test("a million rows: counted, paged by stamp and read in bulk, without being held", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 1_000_000 } } });
  expect((await api.query("SELECT COUNT() FROM Contact")).at("totalSize")).toBe(1_000_000);
  const page = await api.query("SELECT Id, SystemModstamp FROM Contact ORDER BY SystemModstamp, Id LIMIT 2000");
  const stamps = page.each("records", "SystemModstamp").map(String);
  expect(stamps).toEqual(stamps.toSorted());
  const id = (await api.createJob("SELECT Id FROM Contact")).at("id");
  expect((await api.get(`/jobs/query/${String(id)}`)).at("numberRecordsProcessed")).toBe(1_000_000);
  const { rows, counts } = await allResults(api, id, 250_000);
  expect(counts).toEqual([250_000, 250_000, 250_000, 250_000]);
  expect(new Set(rows).size).toBe(1_000_000);
});
