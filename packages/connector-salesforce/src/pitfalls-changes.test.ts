import { ConfigError } from "@acme/sync-core";
import { createReader, deletedOf, heldValues, keysOf, readAll, rowsOf, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import {
  DAY,
  HOUR,
  MINUTE,
  missingOf,
  noticesOf,
  SECOND,
  type Settings,
  startOrg,
  textOf,
  type TestOrg,
} from "./__fixtures__/org.ts";

let org: TestOrg | null = null;
afterEach(async () => {
  await org?.stop();
  org = null;
});

async function start(options: Parameters<typeof startOrg>[0] = {}): Promise<TestOrg> {
  org = await startOrg(options);
  return org;
}

const CONTACTS = { org: { rows: { Contact: 300 } } };
const PLAIN: Settings = { relationships: [] };

/** Somebody who has read everything so far. */
async function caughtUp(
  at: TestOrg,
  settings: Settings = PLAIN,
  fields = ["LastName"],
): Promise<ReturnType<typeof createReader>> {
  const source = at.source(settings);
  const reader = createReader(source, await streamOf(source, fields));
  await reader.run();
  at.runtime.advance(HOUR);
  await reader.run();
  return reader;
}

const idsOf = ({ control }: TestOrg, object = "Contact"): readonly string[] =>
  control.rows({ object }).map(({ id }) => id);

describe("changes by stamp", () => {
  it("T14 a row that is committed late with an older stamp is read by a later run", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at);
    const [late = ""] = idsOf(at);
    // Stamped now, seen in 14 minutes: later than the lag, within lag and overlap.
    at.control.update(late, { LastName: "late" }, { delayMs: 14 * MINUTE });
    for (let minute = 0; minute < 40; minute += 1) {
      at.runtime.advance(MINUTE);
      await reader.run();
    }
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("T14 what is proved never has a row that comes for the first time afterwards", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at);
    let provedMs = 0;
    for (let round = 0; round < 30; round += 1) {
      const stampMs = at.runtime.now();
      at.control.create("Contact", { LastName: `n${round}` }, { delayMs: (round % 15) * MINUTE });
      const known = new Set(reader.held.keys());
      for (const page of await reader.run()) {
        for (const row of page.rows) {
          if (!known.has(row.key)) expect(Date.parse(textOf(row, "SystemModstamp"))).toBeGreaterThanOrEqual(provedMs);
        }
        if (page.proved?.through != null) provedMs = Date.parse(page.proved.through);
      }
      expect(provedMs).toBeLessThanOrEqual(stampMs);
      at.runtime.advance(2 * MINUTE);
    }
    at.runtime.advance(HOUR);
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
  });

  it.each(["rest", "bulk"] as const)(
    "T15 3,000 rows of one second, over pages and runs, are all read (%s)",
    async (transport) => {
      const at = await start({ org: { rows: { Contact: 3200 } } });
      const reader = await caughtUp(at, { relationships: [], transport, pageRows: 250, bulkPageRows: 700 });
      at.control.updateMany("Contact", idsOf(at).slice(100, 3100), { LastName: "tied" });
      at.runtime.advance(HOUR);
      // Each run ends after two pages, as if it were killed.
      for (let runs = 0; runs < 30; runs += 1) await reader.run(2);
      expect(missingOf(at, reader)).toEqual([]);
      await reader.run();
      expect(missingOf(at, reader)).toEqual([]);
    },
  );

  it("T15 with equal stamps no row is read twice within a window", async () => {
    const at = await start({ org: { rows: { Contact: 2600 } } });
    const reader = await caughtUp(at, { relationships: [], transport: "rest", pageRows: 200, overlapMs: 0 });
    at.control.updateMany("Contact", undefined, { LastName: "tied" });
    at.runtime.advance(HOUR);
    const keys: string[] = [];
    for (let runs = 0; runs < 20; runs += 1) keys.push(...keysOf(await reader.run(3)));
    expect(keys).toHaveLength(2600);
    expect(new Set(keys).size).toBe(2600);
  });

  it("T16 a row exactly on the border of two windows is in one of them", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at, { relationships: [], lagMs: 60 * SECOND, overlapMs: 0 });
    const ids = idsOf(at);
    const border = at.runtime.now() + HOUR;
    for (const [index, shift] of [-SECOND, 0, SECOND].entries()) {
      at.control.update(ids[index] ?? "", { LastName: "border" }, { atMs: border + shift, delayMs: 0 });
    }
    at.runtime.advance(HOUR + 60 * SECOND);
    const first = keysOf(await reader.run());
    at.runtime.advance(HOUR);
    const second = keysOf(await reader.run());
    expect([...first, ...second].toSorted()).toEqual(ids.slice(0, 3).toSorted());
    expect(first).toEqual([ids[0]]);
  });

  it("T22 the first reading has no beginning in time: rows of ten years ago are among it", async () => {
    const at = await start({ org: { rows: { Contact: 100 }, days: 3650 } });
    const source = at.source(PLAIN);
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
    expect(at.calls().some((call) => call.includes("SystemModstamp >"))).toBe(false);
  });

  it("what changes while all records are read is read afterwards, also behind the reader's back", async () => {
    const at = await start({ org: { rows: { Contact: 900 } } });
    const source = at.source({ relationships: [], transport: "rest", pageRows: 200 });
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    const ids = idsOf(at);
    let round = 0;
    for (let runs = 0; runs < 8; runs += 1) {
      await reader.run(1);
      round += 1;
      at.runtime.advance(MINUTE);
      at.control.update(ids[round] ?? "", { LastName: `changed ${round}` });
      at.control.update(ids.at(-round) ?? "", { LastName: `changed ${round}` });
      at.control.create("Contact", { LastName: `new ${round}` });
      at.control.delete(ids[100 + round] ?? "");
    }
    at.runtime.advance(HOUR);
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
  });
});

describe("objects without SystemModstamp", () => {
  const withoutStamp = (fields: readonly string[]): Parameters<typeof startOrg>[0] => ({
    org: { customObjects: [{ name: "Boat", rows: 400, withoutSystemFields: fields }] },
  });

  it.each([
    [["SystemModstamp"], "LastModifiedDate"],
    [["SystemModstamp", "LastModifiedDate"], "CreatedDate"],
  ])("T25 without %j, %s is what they have", async (fields, expected) => {
    const at = await start(withoutStamp(fields));
    const source = at.source({ object: "Boat__c", relationships: [] });
    const [stream] = await source.streams(new AbortController().signal);
    expect(stream?.cursorField).toBe(expected);
    const reader = createReader(source, await streamOf(source, ["Name"]));
    await reader.run();
    at.control.create("Boat__c", { Name: "new" });
    at.runtime.advance(HOUR);
    await reader.run();
    expect(missingOf(at, reader, "Boat__c", "Name")).toEqual([]);
  });

  it("T25 where nothing shows a change, all are read on every run, and that proves them complete", async () => {
    const at = await start(withoutStamp(["SystemModstamp", "LastModifiedDate", "CreatedDate"]));
    const source = at.source({ object: "Boat__c", relationships: [], pageRows: 200 });
    const [stream] = await source.streams(new AbortController().signal);
    expect(stream?.cursorField).toBeNull();
    const reader = createReader(source, await streamOf(source, ["Name"]));
    const first = await reader.run();
    expect(keysOf(first)).toHaveLength(400);
    expect(first.at(-1)?.proved).toEqual({ field: null, after: null, through: null });
    const [id = ""] = idsOf(at, "Boat__c");
    at.control.update(id, { Name: "changed" });
    expect(keysOf(await reader.run(1))).toHaveLength(200);
    expect(keysOf(await reader.run())).toHaveLength(200);
    await reader.run();
    expect(missingOf(at, reader, "Boat__c", "Name")).toEqual([]);
  });

  it("T25 one that cannot be filtered by is passed over", async () => {
    const at = await start({
      org: {
        customObjects: [
          {
            name: "Boat",
            rows: 5,
            withoutSystemFields: ["SystemModstamp"],
            fields: [{ name: "Berth__c", type: "string" }],
          },
        ],
      },
    });
    at.control.defineField("Boat__c", { name: "SystemModstamp", type: "datetime", filterable: false });
    const source = at.source({ object: "Boat__c", relationships: [] });
    expect((await source.streams(new AbortController().signal))[0]?.cursorField).toBe("LastModifiedDate");
  });
});

describe("fields that change without a stamp", () => {
  it("T17 the name of a parent, and a formula over it, are read again every day, and nothing is when nobody maps them", async () => {
    const at = await start({
      org: {
        rows: { Contact: 300, Account: 20 },
        fields: { Contact: [{ name: "Greeting__c", formula: 'Account.Name & " / " & LastName' }] },
      },
    });
    const mapped = await caughtUp(at, {}, ["LastName", "Account.Name", "Greeting__c"]);
    const plain = await caughtUp(at, {}, ["LastName"]);
    for (const id of idsOf(at, "Account")) at.control.update(id, { Name: "Renamed" });
    at.runtime.advance(2 * HOUR);
    await mapped.run();
    expect([...heldValues(mapped, "Account.Name").values()].filter((name) => name === "Renamed")).toHaveLength(0);
    at.runtime.advance(DAY);
    await mapped.run();
    const names = [...heldValues(mapped, "Account.Name").values()];
    expect(names.every((name) => name === null || name === "Renamed")).toBe(true);
    const greetings = [...heldValues(mapped, "Greeting__c").values()].filter((text) =>
      String(text).startsWith("Renamed / "),
    );
    expect(greetings.length).toBe(names.filter((name) => name !== null).length);
    expect(keysOf(await plain.run())).toEqual([]);
  });

  it("such a refresh goes on where it was interrupted, and is not begun again before it is due", async () => {
    const at = await start({ org: { rows: { Contact: 900, Account: 20 } } });
    const reader = await caughtUp(at, { pageRows: 200, transport: "rest" }, ["LastName", "Account.Name"]);
    at.runtime.advance(DAY);
    const first = await reader.run(4);
    const rest = await reader.run();
    expect(new Set([...keysOf(first), ...keysOf(rest)]).size).toBe(900);
    at.runtime.advance(2 * HOUR);
    expect(keysOf(await reader.run())).toEqual([]);
  });
});

describe("records that are gone", () => {
  it("T18 one that was purged is told from the log of deletions", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at);
    const [purged = ""] = idsOf(at);
    at.control.purge(purged);
    at.runtime.advance(2 * HOUR);
    expect(deletedOf(await reader.run())).toEqual([purged]);
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("T18 one whose purge was committed after all records had been read is told from the log, too", async () => {
    const at = await start(CONTACTS);
    const source = at.source({ relationships: [] });
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    const [purged = ""] = idsOf(at);
    // Stamped before the reading began, visible once it is over.
    at.control.purge(purged, { delayMs: 5 * MINUTE });
    at.runtime.advance(MINUTE);
    await reader.run();
    expect(reader.held.has(purged)).toBe(true);
    at.runtime.advance(2 * HOUR);
    expect(deletedOf(await reader.run())).toEqual([purged]);
  });

  it("a log that is refused while a transaction is open is read up to what no transaction may change any more", async () => {
    const at = await start({ ...CONTACTS, replicationUncovered: "error" });
    const reader = await caughtUp(at);
    const [early = "", late = ""] = idsOf(at);
    at.control.purge(early);
    at.runtime.advance(2 * HOUR);
    at.control.purge(late, { delayMs: 5 * MINUTE });
    at.runtime.advance(MINUTE);
    const pages = await reader.run();
    expect(deletedOf(pages)).toEqual([early]);
    expect(noticesOf(pages).join()).not.toContain("all records are read again");
    at.runtime.advance(2 * HOUR);
    expect(deletedOf(await reader.run())).toEqual([late]);
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("a purge that was committed after a gap in the log was made up for is told from the log", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at, { relationships: [], reconcileEveryMs: false });
    const [purged = ""] = idsOf(at);
    at.runtime.advance(20 * DAY);
    at.control.purge(purged, { delayMs: 5 * MINUTE });
    at.runtime.advance(MINUTE);
    expect(keysOf(await reader.run())).toContain(purged);
    at.runtime.advance(2 * HOUR);
    expect(deletedOf(await reader.run())).toEqual([purged]);
  });

  it("one in the bin is told by its stamp, before the log is read", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at, { relationships: [], deletedEveryMs: false });
    const [deleted = ""] = idsOf(at);
    at.control.delete(deleted);
    at.runtime.advance(10 * MINUTE);
    expect(deletedOf(await reader.run())).toEqual([deleted]);
  });

  it.each([false, HOUR] as const)(
    "T19 one that was deleted and brought back between runs is alive (log: %s)",
    async (deletedEveryMs) => {
      const at = await start(CONTACTS);
      const reader = await caughtUp(at, { relationships: [], deletedEveryMs });
      const [first = "", second = ""] = idsOf(at);
      at.control.delete(first);
      at.control.delete(second);
      at.runtime.advance(HOUR + MINUTE);
      await reader.run();
      expect(reader.held.has(first)).toBe(false);
      at.control.undelete(first);
      at.control.undelete(second);
      at.control.delete(second);
      at.control.undelete(second);
      at.runtime.advance(HOUR + MINUTE);
      await reader.run();
      expect(missingOf(at, reader)).toEqual([]);
      expect(reader.held.has(first) && reader.held.has(second)).toBe(true);
    },
  );

  it("T20 of records that were merged the losers are told as deleted, with the winner's id", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at);
    const [winner = "", loser = "", other = ""] = idsOf(at);
    at.control.merge(winner, [loser, other]);
    at.runtime.advance(HOUR);
    const told = rowsOf(await reader.run()).filter(
      (row) => row.deleted === true && row.fields["MasterRecordId"] !== undefined,
    );
    expect(new Map(told.map((row) => [row.key, row.fields["MasterRecordId"]]))).toEqual(
      new Map([
        [loser, winner],
        [other, winner],
      ]),
    );
    expect(missingOf(at, reader)).toEqual([]);
  });

  it.each(["error", "partial"] as const)(
    "T21 a log of deletions that was trimmed (%s) is no sign that nothing was deleted",
    async (replicationBeforeLog) => {
      const at = await start({ ...CONTACTS, replicationBeforeLog });
      const reader = await caughtUp(at);
      const [purged = ""] = idsOf(at);
      at.control.purge(purged);
      at.runtime.advance(HOUR);
      at.control.trimDeletedLog("Contact", at.runtime.now() - MINUTE);
      at.runtime.advance(HOUR);
      const pages = await reader.run();
      expect(noticesOf(pages).join()).toContain("all records are read again");
      // All that is left was read again, from a page that says so to one that proves it: the rest is gone.
      expect(pages.filter((page) => page.beginsEnumeration === true)).toHaveLength(1);
      expect(pages.some((page) => page.proved?.field === null)).toBe(true);
      expect(new Set(keysOf(pages))).toEqual(new Set(idsOf(at)));
      at.runtime.advance(2 * HOUR);
      expect(noticesOf(await reader.run()).join()).not.toContain("all records are read again");
    },
  );

  it("T21 a pause of more than 15 days is longer than the log, and all is read again", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at, { relationships: [], reconcileEveryMs: false });
    at.runtime.advance(20 * DAY);
    const pages = await reader.run();
    expect(noticesOf(pages).join()).toContain("all records are read again");
    expect(new Set(keysOf(pages)).size).toBe(300);
  });

  it("more deletions than an answer may have are read in shorter spans", async () => {
    const at = await start({ org: { rows: { Contact: 400 } }, replicationMaxIds: 60 });
    const reader = await caughtUp(at);
    for (const [index, id] of idsOf(at).slice(0, 200).entries()) {
      at.control.purge(id, { atMs: at.runtime.now() + index * 30 * SECOND });
    }
    at.runtime.advance(4 * HOUR);
    expect(new Set(deletedOf(await reader.run())).size).toBe(200);
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("old activities, which Salesforce archives, are among all records, and the deleted ones are not", async () => {
    const at = await start({ org: { rows: { Task: 400 }, days: 2000, deletedShare: 0.1 } });
    const source = at.source({ object: "Task", relationships: [] });
    const reader = createReader(source, await streamOf(source, ["Subject"]));
    await reader.run();
    expect(missingOf(at, reader, "Task", "Subject")).toEqual([]);
  });
});

describe("fields that come and go", () => {
  it("T36 one that is hidden later, and mapped, ends the read with its name; without it the others are read", async () => {
    const at = await start(CONTACTS);
    const source = at.source(PLAIN);
    const both = createReader(source, await streamOf(source, ["LastName", "Phone"]));
    const other = createReader(source, await streamOf(source, ["LastName"]));
    await both.run();
    await other.run();
    at.control.setUser({ hiddenFields: ["Contact.Phone"] });
    at.control.updateMany("Contact", undefined, { LastName: "New" });
    at.runtime.advance(HOUR);
    const failure: unknown = await both.run().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain('"Phone"');
    await other.run();
    expect(missingOf(at, other)).toEqual([]);
  });

  it("T36 one that is hidden between describing and reading ends the read with Salesforce's words", async () => {
    const at = await start(CONTACTS);
    const source = at.source(PLAIN);
    const stream = await streamOf(source, ["LastName", "Phone"]);
    at.control.setUser({ hiddenFields: ["Contact.Phone"] });
    const failure: unknown = await readAll(source, stream).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain("Phone");
  });

  it("T36 what reading needs for itself may be hidden: MasterRecordId", async () => {
    const at = await start(CONTACTS);
    at.control.setUser({ hiddenFields: ["Contact.MasterRecordId"] });
    const reader = await caughtUp(at);
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("T37 a field that is new is found, and read for all records once it is mapped", async () => {
    const at = await start(CONTACTS);
    const before = at.source(PLAIN);
    const reader = createReader(before, await streamOf(before, ["LastName"]));
    await reader.run();
    at.control.defineField("Contact", { name: "Rating__c", type: "string" });
    at.control.updateMany("Contact", undefined, { Rating__c: "A" }, { touch: "none" });
    at.runtime.advance(HOUR);
    const after = at.source(PLAIN);
    const pages = await readAll(after, await streamOf(after, ["LastName", "Rating__c"]), reader.cursor());
    expect(new Set(rowsOf(pages).map((row) => row.fields["Rating__c"]))).toEqual(new Set(["A"]));
    expect(new Set(keysOf(pages)).size).toBe(300);
  });

  it("T44 a field that is added changes nothing for those who do not map it", async () => {
    const at = await start(CONTACTS);
    const reader = await caughtUp(at);
    at.control.defineField("Contact", { name: "Rating__c", type: "string" });
    const [id = ""] = idsOf(at);
    at.control.update(id, { LastName: "New", Rating__c: "A" });
    at.runtime.advance(HOUR);
    expect(keysOf(await reader.run())).toEqual([id]);
    expect(missingOf(at, reader)).toEqual([]);
  });
});

it("records that come into sight without a change are read by the next reconciliation", async () => {
  const at = await start({ org: { rows: { Contact: 300 } }, users: [{ viewAllData: false }] });
  const reader = await caughtUp(at);
  const seen = reader.held.size;
  expect(seen).toBeLessThan(300);
  at.control.setUser({ viewAllData: true });
  at.runtime.advance(2 * HOUR);
  await reader.run();
  expect(reader.held.size).toBe(seen);
  at.runtime.advance(7 * DAY);
  await reader.run();
  expect(missingOf(at, reader)).toEqual([]);
});
