import { TransientError } from "@acme/sync-core";
import { createReader, differences, keysOf, readAll, rowsOf, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { onRequest } from "./__fixtures__/on-request.ts";
import { HOUR, missingOf, noticesOf, type Settings, startOrg, textOf, type TestOrg } from "./__fixtures__/org.ts";

let org: TestOrg | null = null;
afterEach(async () => {
  await org?.stop();
  org = null;
});

async function start(options: Parameters<typeof startOrg>[0] = {}): Promise<TestOrg> {
  org = await startOrg(options);
  return org;
}

const REST: Settings = { transport: "rest", relationships: [] };

describe("pages of REST", () => {
  it("T10 25,000 rows are read, not 10,000", async () => {
    const at = await start({ org: { rows: { Account: 25_000 } } });
    const source = at.source({ ...REST, object: "Account" });
    const reader = createReader(source, await streamOf(source, ["Name"]));
    expect(keysOf(await reader.run())).toHaveLength(25_000);
    expect(missingOf(at, reader, "Account", "Name")).toEqual([]);
  });

  it("T11 a page of fewer rows than asked for is not the end", async () => {
    const at = await start({
      org: { rows: { Contact: 3000 }, fields: { Contact: [{ name: "Story__c", type: "textarea", richText: true }] } },
    });
    const source = at.source({ ...REST, pageRows: 2000 });
    const reader = createReader(source, await streamOf(source, ["LastName", "Story__c"]));
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
    expect(at.calls().filter((call) => /\/query\/0r8/.test(call))).toHaveLength(11);
  });

  it.each(["unauthorized", "invalid-locator"] as const)(
    "T09 a session that is replaced between pages costs the locator (%s), not the rows",
    async (foreignLocator) => {
      const at = await start({ org: { rows: { Account: 7000 } }, foreignLocator });
      const source = at.source({ ...REST, object: "Account" });
      const reader = createReader(source, await streamOf(source, ["Name"]));
      const stop = onRequest(at, /\/query\/0r8/, 2, () => at.control.expireSessions());
      const keys = keysOf(await reader.run());
      stop();
      expect(keys).toHaveLength(7000);
      expect(new Set(keys).size).toBe(7000);
      // Asked again behind the last row, once.
      expect(at.calls().filter((call) => call.includes("Id > '"))).toHaveLength(1);
      expect(at.control.counts().statuses["401"]).toBe(1);
    },
  );

  it("a locator that is forgotten costs no row, in a pass over stamps neither", async () => {
    const at = await start({ org: { rows: { Account: 5000 } } });
    const source = at.source({ ...REST, object: "Account" });
    const reader = createReader(source, await streamOf(source, ["Name"]));
    await reader.run();
    at.control.updateMany("Account", undefined, { Name: "New" });
    at.runtime.advance(HOUR);
    const stop = onRequest(at, /\/query\/0r8/, 1, () => at.control.forgetLocators());
    expect(keysOf(await reader.run())).toHaveLength(5000);
    stop();
    expect(missingOf(at, reader, "Account", "Name")).toEqual([]);
  });

  it("locators that never hold cost calls, and no row", async () => {
    const at = await start({ org: { rows: { Account: 5000 } } });
    const source = at.source({ ...REST, object: "Account" });
    const stream = await streamOf(source, ["Name"]);
    at.control.addFault({ kind: "invalid-locator", path: "/query/0r8", times: 10_000 });
    // Each time the question is asked again behind the last row: it comes to its end all the same.
    expect(keysOf(await readAll(source, stream))).toHaveLength(5000);
  });

  it.each(["truncated-body", "reset-body", "non-json", "short-body"] as const)(
    "an answer that is no whole JSON (%s) is asked for again",
    async (kind) => {
      const at = await start({ org: { rows: { Account: 5000 } } });
      const source = at.source({ ...REST, object: "Account" });
      const stream = await streamOf(source, ["Name"]);
      at.control.addFault({ kind, path: "/query", nth: 2 });
      const keys = keysOf(await readAll(source, stream));
      expect(keys).toHaveLength(5000);
      expect(new Set(keys).size).toBe(5000);
    },
  );
});

describe("long queries", () => {
  const names = Array.from({ length: 600 }, (_, index) => `A_field_with_a_rather_long_name_${index}__c`);
  const values = ["one", null, "two, three"];
  const wide = { org: { rows: { Contact: 1500 }, fields: { Contact: names.map((name) => ({ name, values })) } } };

  it("T23 the names of 600 fields are divided among queries, and every row has them all", async () => {
    const at = await start(wide);
    const source = at.source(REST);
    const stream = await streamOf(source, ["LastName", ...names]);
    const pages = await readAll(source, stream);
    const rows = rowsOf(pages);
    expect(rows).toHaveLength(1500);
    expect(new Set(rows.map((row) => Object.keys(row.fields).length))).toEqual(new Set([603]));
    const expected = new Map(
      at.control
        .rows({ object: "Contact" })
        .map(({ id, values: held }) => [id, JSON.stringify(names.map((name) => held[name] ?? null))]),
    );
    const found = new Map(rows.map((row) => [row.key, JSON.stringify(names.map((name) => row.fields[name]))]));
    expect(differences(expected, found)).toEqual([]);
    expect(at.control.requests().every(({ path, query }) => path.length + query.length < 16_384 - 1000)).toBe(true);
    expect(at.control.counts().statuses["414"] ?? at.control.counts().statuses["431"]).toBeUndefined();
  });

  it("T23 Bulk takes them in one query", async () => {
    const at = await start(wide);
    const source = at.source({ transport: "bulk", relationships: [] });
    const rows = rowsOf(await readAll(source, await streamOf(source, names)));
    expect(rows).toHaveLength(1500);
    expect(new Set(rows.map((row) => Object.keys(row.fields).length))).toEqual(new Set([602]));
  });

  it("T24 a row that changes between two of these queries is never a mixture of two versions", async () => {
    const at = await start({ ...wide, cursorValues: "current" });
    const source = at.source(REST);
    const [first = "", last = ""] = [names[0], names.at(-1)];
    const stream = await streamOf(source, ["LastName", ...names]);
    const ids = at.control.rows({ object: "Contact" }).map(({ id }) => id);
    let writes = 0;
    const stops = [2, 4, 7, 11].map((nth) =>
      onRequest(at, /Id IN/, nth, () => {
        writes += 1;
        at.runtime.advance(1000);
        at.control.updateMany("Contact", ids.slice(0, 900), {
          [first]: `version ${writes}`,
          [last]: `version ${writes}`,
        });
      }),
    );
    const rows = rowsOf(await readAll(source, stream));
    for (const stop of stops) stop();
    expect(writes).toBe(4);
    expect(new Set(rows.map((row) => row.key)).size).toBe(1500);
    const changed = rows.filter(
      (row) => textOf(row, first).startsWith("version") || textOf(row, last).startsWith("version"),
    );
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((row) => row.fields[first] !== row.fields[last])).toEqual([]);
  });

  it("T24 nor does it hide the rows between where it stood and where it stands", async () => {
    const at = await start({ ...wide, cursorValues: "current" });
    const source = at.source({ ...REST, pageRows: 50, deletedEveryMs: false });
    const reader = createReader(source, await streamOf(source, ["LastName", ...names]));
    await reader.run();
    for (const [index, { id }] of at.control.rows({ object: "Contact" }).entries()) {
      at.control.update(id, { LastName: `n${index}` }, { atMs: at.runtime.now() + index * 1000 });
    }
    at.runtime.advance(HOUR);
    const byStamp = [...at.control.rows({ object: "Contact" })].toSorted((left, right) => left.stampMs - right.stampMs);
    // The last row of the first page is written again while the rest of its fields is read.
    const stop = onRequest(at, /Id IN/, 1, () => at.control.update(byStamp[49]?.id ?? "", { LastName: "again" }));
    await reader.run(1);
    stop();
    await reader.run();
    at.runtime.advance(HOUR);
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("rows are looked up by key with all of these fields", async () => {
    const at = await start(wide);
    const source = at.source(REST);
    const stream = await streamOf(source, names);
    const ids = at.control.rows({ object: "Contact", limit: 500 }).map(({ id }) => id);
    const rows = await source.lookup(stream, ids, new AbortController().signal);
    expect(new Set(rows.map((row) => row.key))).toEqual(new Set(ids));
    expect(new Set(rows.map((row) => Object.keys(row.fields).length))).toEqual(new Set([602]));
  });
});

describe("a row that is written while the pages behind it are read", () => {
  it.each([
    ["behind the end of the window", 600_000, 0],
    ["into the end of it, since it was committed late", 0, 600_000],
  ])("hides none of those between where it stood and where it stands: %s", async (_, lagMs, overlapMs) => {
    const at = await start({ org: { rows: { Contact: 900 } }, cursorValues: "current", maxPageRows: 200 });
    const source = at.source({ ...REST, lagMs, overlapMs, deletedEveryMs: false });
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    await reader.run();
    const ids = at.control.rows({ object: "Contact" }).map(({ id }) => id);
    for (const [index, id] of ids.entries()) {
      at.control.update(id, { LastName: `n${index}` }, { atMs: at.runtime.now() + index * 1000 });
    }
    at.runtime.advance(HOUR);
    // The last row of the second page, before that page is read; then the locator is lost.
    const stop = onRequest(at, /\/query\/0r8/, 1, () => {
      at.control.update(ids[399] ?? "", { LastName: "again" }, { atMs: at.runtime.now() - 60_000 });
      at.control.addFault({ kind: "invalid-locator", path: "/query/0r8", nth: 2 });
    });
    await reader.run();
    stop();
    at.runtime.advance(HOUR);
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
  });
});

describe("queries that take too long", () => {
  it("T27 a span of time is halved, and both halves are read", async () => {
    const at = await start({ org: { rows: { Contact: 2000 } } });
    const source = at.source(REST);
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    await reader.run();
    for (const [index, { id }] of at.control.rows({ object: "Contact" }).entries()) {
      at.control.update(id, { LastName: `n${index}` }, { atMs: at.runtime.now() + index * 1500 });
    }
    at.runtime.advance(2 * HOUR);
    at.control.setKnobs({ queryTimeoutRows: 150 });
    const pages = await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
    expect(noticesOf(pages).join()).toContain("shorter spans");
    expect(at.control.counts().errorCodes["QUERY_TIMEOUT"]).toBeLessThan(60);
  });

  it("T27 a single second that takes too long ends the read as a passing fault", async () => {
    const at = await start({ org: { rows: { Contact: 500 } } });
    const source = at.source(REST);
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    await reader.run();
    at.control.updateMany("Contact", undefined, { LastName: "New" });
    at.runtime.advance(2 * HOUR);
    at.control.setKnobs({ queryTimeoutRows: 100 });
    await expect(reader.run()).rejects.toBeInstanceOf(TransientError);
    at.control.setKnobs({ queryTimeoutRows: null });
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("T27 all records, where they are too many at once, are read by Bulk", async () => {
    const at = await start({ org: { rows: { Contact: 3000 } }, queryTimeoutRows: 2500 });
    const source = at.source({ relationships: [] });
    const stream = await streamOf(source, ["LastName"]);
    expect(stream.estimatedRows).toBeNull();
    const reader = createReader(source, stream);
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
    expect(at.calls().some((call) => call.includes("/results"))).toBe(true);
  });
});

it("T35 Name is a field, though it stands for others; what is compound is offered by its parts", async () => {
  const at = await start({ org: { rows: { Contact: 5, Account: 5 } } });
  const source = at.source();
  const [stream] = await source.streams(new AbortController().signal);
  const byName = new Map(stream?.fields.map((field) => [field.name, field]));
  expect(byName.get("Name")?.unreadable).toBeNull();
  expect(byName.get("MailingCity")?.unreadable).toBeNull();
  expect(byName.get("MailingAddress")?.unreadable).toContain("map its parts");
  expect(byName.get("Account.Name")?.unreadable).toBeNull();
  const accounts = at.source({ object: "Account" });
  const [row] = rowsOf(await readAll(accounts, await streamOf(accounts, ["Name", "BillingCity"])));
  expect(row?.fields["Name"]).not.toBeNull();
});
