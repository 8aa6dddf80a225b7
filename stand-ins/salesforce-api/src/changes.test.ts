import { expect, test } from "vitest";
import { START_MS, startTestApi } from "./__fixtures__/start-test-api.ts";

const DAY = 86_400_000;

test("a change of a user moves both dates, one of the platform the stamp alone; seconds are whole", async () => {
  const api = await startTestApi();
  const id = api.control.create("Account", { Name: "a" });
  const dates = async () => {
    const row = await api.query(`SELECT CreatedDate, LastModifiedDate, SystemModstamp FROM Account WHERE Id = '${id}'`);
    return ["CreatedDate", "LastModifiedDate", "SystemModstamp"].map((name) =>
      String(row.at(`records.0.${name}`)).slice(11, 23),
    );
  };
  api.control.advanceClock(5700);
  api.control.update(id, { Name: "b" });
  expect(await dates()).toEqual(["12:00:00.000", "12:00:05.000", "12:00:05.000"]);
  api.control.advanceClock(5000);
  api.control.update(id, { Name: "c" }, { touch: "system" });
  expect(await dates()).toEqual(["12:00:00.000", "12:00:05.000", "12:00:10.000"]);
  api.control.update(id, { Name: "d" }, { touch: "none", atMs: START_MS + 60_000 });
  expect(await dates()).toEqual(["12:00:00.000", "12:00:05.000", "12:00:10.000"]);
});

test("formulas and parents' fields change without a stamp", async () => {
  const api = await startTestApi();
  const account = api.control.create("Account", { Name: "Old" });
  api.control.create("Contact", { LastName: "Li", AccountId: account });
  const read = async () => {
    const row = await api.query("SELECT SystemModstamp, Account_Name__c, Account.Name FROM Contact");
    return [row.at("records.0.SystemModstamp"), row.at("records.0.Account_Name__c"), row.at("records.0.Account.Name")];
  };
  const [stamp] = await read();
  api.control.advanceClock(60_000);
  api.control.update(account, { Name: "New" });
  expect(await read()).toEqual([stamp, "New", "New"]);
});

test("a change that commits late shows its row only then, with the stamp of before", async () => {
  const api = await startTestApi({ commitDelayMs: 300_000 });
  const id = api.control.create("Account", { Name: "late" });
  const find = () => api.query("SELECT Id, SystemModstamp FROM Account");
  expect((await find()).at("totalSize")).toBe(0);
  expect(api.control.counts().pendingCommits).toBe(1);
  expect((await api.get(`/sobjects/Account/${id}`)).status).toBe(404);
  api.control.advanceClock(300_000);
  const found = await find();
  expect(found.each("records", "Id")).toEqual([id]);
  expect(found.at("records.0.SystemModstamp")).toBe("2026-11-22T12:00:00.000+0000");
  api.control.update(id, { Name: "later" });
  api.control.delete(id, { delayMs: 0 });
  api.control.settleCommits();
  expect(api.control.row(id)).toMatchObject({ state: "deleted", values: { Name: "later" } });
});

test("a change builds on what has become visible meanwhile, though nobody looked", async () => {
  const { control } = await startTestApi();
  const id = control.create("Account", { Name: "first", Phone: "1" }, { delayMs: 1000 });
  control.advanceClock(2000);
  control.update(id, { Name: "second" });
  expect(control.row(id)?.values).toMatchObject({ Name: "second", Phone: "1" });
  const late = control.create("Account", { Name: "late" }, { delayMs: 1000 });
  control.advanceClock(1000);
  expect(control.updateMany("Account", undefined, { Phone: "2" })).toBe(2);
  expect(control.row(late)?.values["Phone"]).toBe("2");
});

test("a row that nobody sees yet, or no more, cannot be changed", async () => {
  const { control } = await startTestApi();
  const early = control.create("Account", { Name: "a" }, { delayMs: 1000 });
  expect(() => control.update(early, { Name: "b" })).toThrow(/not there/);
  control.advanceClock(1000);
  control.update(early, { Name: "b" });
  control.purge(early);
  expect(() => control.undelete(early)).toThrow(/not there/);
  expect(() => control.merge(early, [])).toThrow(/not there/);
});

test("delays can be drawn from a range, the same for the same seed", async () => {
  const visible = async (seed: number) => {
    const api = await startTestApi({ commitDelayMs: { minMs: 0, maxMs: 10_000 }, seed });
    for (let index = 0; index < 30; index += 1) api.control.create("Account", { Name: String(index) });
    api.control.advanceClock(5000);
    return (await api.query("SELECT Name FROM Account ORDER BY Id")).each("records", "Name");
  };
  const first = await visible(1);
  expect(first.length).toBeGreaterThan(5);
  expect(first.length).toBeLessThan(25);
  expect(await visible(1)).toEqual(first);
  expect(await visible(2)).not.toEqual(first);
});

test("a deleted row is in queryAll with a new stamp, comes back with another, and leaves after 15 days", async () => {
  const api = await startTestApi();
  const id = api.control.create("Account", { Name: "a" });
  api.control.advanceClock(60_000);
  api.control.delete(id);
  const row = async () => {
    const { text } = await api.queryAll("SELECT IsDeleted, SystemModstamp FROM Account");
    const [record] = JSON.parse(text).records;
    return record === undefined ? undefined : [record.IsDeleted, record.SystemModstamp.slice(11, 19)];
  };
  expect(await row()).toEqual([true, "12:01:00"]);
  expect((await api.query("SELECT Id FROM Account")).at("totalSize")).toBe(0);
  expect((await api.query("SELECT Id FROM Account WHERE IsDeleted = true")).at("totalSize")).toBe(0);
  expect((await api.query("SELECT Id FROM Account WHERE IsDeleted = true ALL ROWS")).at("totalSize")).toBe(1);
  api.control.advanceClock(60_000);
  api.control.undelete(id);
  expect(await row()).toEqual([false, "12:02:00"]);
  api.control.delete(id);
  api.control.setKnobs({ sessionSeconds: 20 * 86_400 });
  const headers = { Authorization: `Bearer ${await api.login()}` };
  const bin = () => api.get(`/queryAll?q=${encodeURIComponent("SELECT Id FROM Account")}`, headers);
  api.control.advanceClock(15 * DAY - 1000);
  expect((await bin()).at("totalSize")).toBe(1);
  api.control.advanceClock(1000);
  expect((await bin()).at("totalSize")).toBe(0);
  expect(api.control.row(id)?.state).toBe("gone");
});

test("an undelete leaves the stamp when it is told to", async () => {
  const api = await startTestApi({ undeleteTouches: false });
  const id = api.control.create("Account", { Name: "a" });
  api.control.delete(id);
  api.control.advanceClock(60_000);
  api.control.undelete(id);
  expect(api.control.row(id)).toMatchObject({ state: "live", stampMs: START_MS });
});

test("a purged row is in no query", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 3 } } });
  const [first] = api.control.rows({ object: "Contact" });
  api.control.purge(first?.id ?? "");
  expect((await api.queryAll("SELECT Id FROM Contact")).at("totalSize")).toBe(2);
  expect((await api.get(`/sobjects/Contact/${first?.id}`)).status).toBe(404);
});

test("a merge leaves the winner: losers name it, its gaps are filled, children move", async () => {
  const api = await startTestApi();
  const { control } = api;
  const winner = control.create("Account", { Name: "Winner", Phone: "1" });
  const loser = control.create("Account", { Name: "Loser", Phone: "2", Website: "https://loser.example" });
  const child = control.create("Contact", { LastName: "Li", AccountId: loser });
  control.advanceClock(60_000);
  control.merge(winner, [loser]);
  const rows = await api.queryAll(
    "SELECT Id, Name, Phone, Website, IsDeleted, MasterRecordId, SystemModstamp FROM Account ORDER BY Name",
  );
  expect(JSON.parse(rows.text).records).toMatchObject([
    {
      Id: loser,
      Name: "Loser",
      IsDeleted: true,
      MasterRecordId: winner,
      SystemModstamp: "2026-11-22T12:01:00.000+0000",
    },
    {
      Id: winner,
      Name: "Winner",
      Phone: "1",
      Website: "https://loser.example",
      IsDeleted: false,
      MasterRecordId: null,
      SystemModstamp: "2026-11-22T12:01:00.000+0000",
    },
  ]);
  expect(control.row(child)).toMatchObject({
    values: { AccountId: winner },
    stampMs: START_MS + 60_000,
    modifiedMs: START_MS,
  });
  control.setKnobs({ mergeTouchesChildren: false });
  const third = control.create("Account", { Name: "Third" });
  control.advanceClock(60_000);
  control.merge(third, [winner]);
  expect(control.row(child)).toMatchObject({ values: { AccountId: third }, stampMs: START_MS + 60_000 });
  expect(() => control.merge(child, [])).not.toThrow();
  const boat = control.create("Opportunity", { Name: "x" });
  expect(() => control.merge(boat, [])).toThrow(RangeError);
});

test("many rows can be changed in one second", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 40 } } });
  expect(api.control.updateMany("Contact", undefined, { Title: "Boss" })).toBe(40);
  const stamps = (await api.query("SELECT SystemModstamp FROM Contact")).each("records", "SystemModstamp");
  expect(new Set(stamps)).toEqual(new Set(["2026-11-22T12:00:00.000+0000"]));
});

test("15-character ids name the same rows; suffixes are the documented checksum", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 300 } } });
  for (const { id } of api.control.rows({ object: "Contact" })) {
    let suffix = "";
    for (const group of [0, 5, 10]) {
      const bits = id
        .slice(group, group + 5)
        .split("")
        .reduce((sum, letter, index) => sum + (/[A-Z]/.test(letter) ? 2 ** index : 0), 0);
      suffix += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits];
    }
    expect(id.slice(15)).toBe(suffix);
    expect(api.control.row(id.slice(0, 15))?.id).toBe(id);
  }
  const ids = api.control.rows({ object: "Contact" }).map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids.map((id) => id.slice(0, 15).toLowerCase())).size).toBeLessThan(300);
  const [first = ""] = ids;
  const found = await api.query(`SELECT Id FROM Contact WHERE Id = '${first.slice(0, 15)}'`);
  expect(found.each("records", "Id")).toEqual([first]);
});

test("later rows may have smaller ids than earlier ones", async () => {
  const api = await startTestApi();
  const ids = Array.from({ length: 20 }, (_, index) => api.control.create("Account", { Name: String(index) }));
  expect(ids).not.toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(20);
});

test("values that do not fit are refused", async () => {
  const { control } = await startTestApi();
  expect(() => control.create("Nope", {})).toThrow(/No object Nope/);
  expect(() => control.create("Account", { Nope: 1 })).toThrow(/No field Nope/);
  expect(() => control.create("Contact", { Account_Name__c: "x" })).toThrow(/cannot be written/);
  expect(() => control.create("Contact", { AccountId: "12" })).toThrow(/id of 15 or 18/);
  expect(() => control.create("Case", { ClosedDate: "soon" })).toThrow(/date-time/);
  expect(() => control.update("001000000000000AAA", {})).toThrow(/No row/);
});
