import { BugError, ConfigError } from "@acme/sync-core";
import { createReader, differences, heldValues, keysOf, readAll, rowsOf, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { HOUR, MINUTE, startPortal, type TestPortal, TODAY, truth } from "./__fixtures__/portal.ts";

let portal: TestPortal | null = null;
afterEach(async () => {
  await portal?.stop();
  portal = null;
});

async function start(options: Parameters<typeof startPortal>[0] = {}): Promise<TestPortal> {
  portal = await startPortal(options);
  return portal;
}

const SMALL = { fullSchemas: false } as const;
const noLimitHit = { TEN_SECONDLY_ROLLING: 0, SECONDLY: 0, DAILY: 0 };

/** The bodies of all searches since a request. */
function searches({ control }: TestPortal, afterNumber = 0): readonly string[] {
  return control
    .requests({ family: "search", afterNumber })
    .map((entry) => JSON.stringify(entry.body))
    .filter((body) => body.includes('"sorts"'));
}

const requestCount = ({ control }: TestPortal): number => control.requests().at(-1)?.number ?? 0;

async function expectEqual({ control }: TestPortal, reader: ReturnType<typeof createReader>): Promise<void> {
  expect(differences(truth(control, "contacts", "firstname"), heldValues(reader, "firstname"))).toEqual([]);
}

describe("windows of modified dates", () => {
  it("P01 25,000 changes in one window are all read once, never past the 10,000th result", async () => {
    const at = await start({ portal: { contacts: 25_000, ...SMALL } });
    const hubspot = at.source();
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const changed = new Set<string>();
    for (const { id } of at.control.eachRecord({ type: "contacts" })) {
      at.control.update("contacts", id, { firstname: `n${id}` }, { atMs: TODAY + 60_000 + changed.size * 7 });
      changed.add(id);
    }
    at.runtime.advance(3 * HOUR);
    const before = requestCount(at);
    const keys = keysOf(await reader.run());
    expect(keys).toHaveLength(25_000);
    expect(new Set(keys)).toEqual(changed);
    await expectEqual(at, reader);
    expect(searches(at, before).every((body) => !body.includes('"after"'))).toBe(true);
    expect(at.control.counts().limitsExceeded).toEqual(noLimitHit);
  });

  it("P02 12,000 rows of one millisecond are drained by id, each once, and reading goes on behind them", async () => {
    const at = await start({ portal: { contacts: 12_300, ...SMALL } });
    const hubspot = at.source();
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const ids = [...at.control.eachRecord({ type: "contacts" })].map((record) => record.id);
    at.control.updateMany("contacts", ids.slice(0, 12_000), { firstname: "bulk" }, { atMs: TODAY + MINUTE });
    ids.slice(12_000).forEach((id, index) => {
      at.control.update("contacts", id, { firstname: "later" }, { atMs: TODAY + 2 * MINUTE + index });
    });
    at.runtime.advance(3 * HOUR);
    const before = requestCount(at);
    const keys = keysOf(await reader.run());
    expect(keys).toHaveLength(12_300);
    expect(new Set(keys).size).toBe(12_300);
    await expectEqual(at, reader);
    expect(searches(at, before).length).toBeLessThan(70);
  });

  it("P03 the filter on ids is on every page of a millisecond, also after a restart", async () => {
    const at = await start({ portal: { contacts: 3000, ...SMALL } });
    const first = at.source({ pageRows: 200 });
    const stream = await streamOf(first, ["firstname"]);
    const reader = createReader(first, stream);
    await reader.run();
    at.control.updateMany("contacts", undefined, { firstname: "bulk" }, { atMs: TODAY + MINUTE });
    at.runtime.advance(3 * HOUR);
    const before = requestCount(at);
    const keys = [...keysOf(await reader.run(3))];
    const second = at.source({ pageRows: 200 });
    for await (const page of second.read(stream, reader.cursor(), new AbortController().signal)) {
      keys.push(...page.rows.map((row) => row.key));
    }
    expect(keys).toHaveLength(3000);
    expect(new Set(keys).size).toBe(3000);
    const drains = searches(at, before).filter((body) => body.includes('"EQ"'));
    expect(drains.length).toBeGreaterThan(10);
    expect(drains.filter((body) => !body.includes('"GT"'))).toHaveLength(1);
  });

  it.each(["id", "arbitrary", "unstable"] as const)(
    "P04 P05 a page that ends within a millisecond loses nothing of it (ties %s)",
    async (tieOrder) => {
      const at = await start({ portal: { contacts: 2400, ...SMALL }, tieOrder });
      const hubspot = at.source({ pageRows: 200 });
      const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
      await reader.run();
      // Groups of 1 to 90 share a millisecond, so that the cut falls anywhere in them.
      let place = 0;
      let group = 1;
      const ids = [...at.control.eachRecord({ type: "contacts" })].map((record) => record.id);
      while (place < ids.length) {
        const members = ids.slice(place, place + group);
        at.control.updateMany("contacts", members, { firstname: `g${group}` }, { atMs: TODAY + MINUTE + place });
        place += members.length;
        group = (group % 90) + 7;
      }
      at.runtime.advance(3 * HOUR);
      expect(new Set(keysOf(await reader.run())).size).toBe(2400);
      await expectEqual(at, reader);
    },
  );

  it("P05 a second row of a millisecond already read is found", async () => {
    const at = await start({ portal: { contacts: 10, ...SMALL } });
    const hubspot = at.source({ lagMs: 1000, overlapMs: 0, exactEveryMs: 0, live: false });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const [one, two] = at.control.records({ type: "contacts" });
    at.runtime.advance(10_000);
    // The pass ends on the millisecond in which the second change is made.
    const throughMs = Math.floor(at.runtime.now() / 1000) * 1000 - 1000;
    at.control.update("contacts", one?.id ?? "", { firstname: "one" }, { atMs: throughMs });
    await reader.run();
    at.control.update("contacts", two?.id ?? "", { firstname: "two" }, { atMs: throughMs });
    at.runtime.advance(HOUR);
    await reader.run();
    await expectEqual(at, reader);
  });

  it("P07 a result newer than the end of the window neither crashes nor moves the cursor beyond it", async () => {
    const at = await start({ portal: { contacts: 600, ...SMALL }, indexLagMs: 30 * MINUTE, searchValues: "current" });
    const hubspot = at.source({ pageRows: 100 });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const ids = [...at.control.eachRecord({ type: "contacts" })].map((record) => record.id);
    ids.forEach((id, index) => {
      at.control.update("contacts", id, { firstname: "first" }, { atMs: TODAY + MINUTE + index });
    });
    at.runtime.advance(3 * HOUR);
    // Changed again, which the index does not know yet: a search shows the new date in the old place.
    for (const [index, id] of ids.entries()) {
      if (index % 2 === 0) at.control.update("contacts", id, { firstname: "second" });
    }
    const nowMs = at.runtime.now();
    const pages = await reader.run();
    const through = pages.flatMap((page) => (page.proved === null ? [] : [Date.parse(page.proved.through ?? "")]));
    expect(through.every((ms) => ms <= nowMs - HOUR)).toBe(true);
    await expectEqual(at, reader);
    at.runtime.advance(3 * HOUR);
    await reader.run();
    await expectEqual(at, reader);
  });

  it("P08 rows edited while their window is paged push no neighbour out of it", async () => {
    const at = await start({ portal: { contacts: 2000, ...SMALL } });
    const hubspot = at.source({ pageRows: 200 });
    const stream = await streamOf(hubspot, ["firstname"]);
    const reader = createReader(hubspot, stream);
    await reader.run();
    const ids = [...at.control.eachRecord({ type: "contacts" })].map((record) => record.id);
    ids.forEach((id, index) => {
      at.control.update("contacts", id, { firstname: "changed" }, { atMs: TODAY + MINUTE + index });
    });
    at.runtime.advance(3 * HOUR);
    const seen = new Set<string>();
    let turn = 0;
    for await (const page of hubspot.read(stream, reader.cursor(), new AbortController().signal)) {
      for (const row of page.rows) seen.add(row.key);
      // Rows already read leave the window, before the next page is asked for.
      for (const id of ids.slice(turn * 60, turn * 60 + 60)) at.control.update("contacts", id, { firstname: "again" });
      turn += 1;
    }
    expect(ids.filter((id) => !seen.has(id))).toEqual([]);
  });

  it("P08 a page whose rows have all moved hides no row behind it, whatever leaves the index meanwhile", async () => {
    const at = await start({ portal: { contacts: 40, ...SMALL }, indexLagMs: 30 * MINUTE, searchValues: "current" });
    let turn = 0;
    const hubspot = at.source({ pageRows: 10 }, (body) => {
      if (body.includes('"sorts"')) turn += 1;
      if (turn === 2) at.control.settleIndex();
    });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const ids = [...at.control.eachRecord({ type: "contacts" })].map((record) => record.id);
    ids.forEach((id, index) => {
      at.control.update("contacts", id, { firstname: "first" }, { atMs: TODAY + MINUTE + index });
    });
    at.runtime.advance(3 * HOUR);
    for (const id of ids.slice(0, 20)) at.control.update("contacts", id, { firstname: "second" });
    turn = 0;
    await reader.run();
    expect(turn).toBeGreaterThan(2);
    await expectEqual(at, reader);
  });

  it("P09 records that are gone hide no row behind them, also when they leave the index meanwhile", async () => {
    const at = await start({
      portal: { contacts: 40, ...SMALL },
      indexLagMs: 30 * MINUTE,
      removedInSearch: "thinned",
    });
    let passedOver = 0;
    const hubspot = at.source({ pageRows: 10 }, (body) => {
      if (!body.includes('"after"')) return;
      passedOver += 1;
      at.control.settleIndex();
    });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const ids = [...at.control.eachRecord({ type: "contacts" })].map((record) => record.id);
    at.control.updateMany("contacts", ids, { firstname: "bulk" }, { atMs: TODAY + MINUTE });
    at.runtime.advance(7 * HOUR);
    const byId = ids.toSorted((left, right) => Number(left) - Number(right));
    for (const id of byId.slice(0, 20)) at.control.archive("contacts", id);
    await reader.run();
    expect(passedOver).toBeGreaterThan(0);
    await expectEqual(at, reader);
  });

  it("P09 short and empty pages that say there is more are no end", async () => {
    const at = await start({ portal: { contacts: 3000, ...SMALL, archivedShare: 0.4 }, listPages: "thinned" });
    at.control.addFault({ kind: "short-page", path: "/search$|contacts$", probability: 0.3, seed: 5 });
    at.control.addFault({ kind: "empty-page", path: "/search$|contacts$", probability: 0.2, seed: 9 });
    const hubspot = at.source({ pageRows: 200 });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    await expectEqual(at, reader);
    let index = 0;
    for (const { id } of at.control.eachRecord({ type: "contacts" })) {
      at.control.update("contacts", id, { firstname: "x" }, { atMs: TODAY + MINUTE + Math.floor(index / 40) });
      index += 1;
    }
    at.runtime.advance(3 * HOUR);
    await reader.run();
    await expectEqual(at, reader);
  });

  it.each(["numeric", "text"] as const)(
    "P10 ids of four and of twelve digits in one millisecond (%s order)",
    async (idOrder) => {
      const at = await start({ portal: SMALL, idOrder });
      const hubspot = at.source({ pageRows: 20 });
      at.control.create("contacts", { firstname: "seed" }, { id: "5", atMs: TODAY - HOUR * 5 });
      const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
      await reader.run();
      const ids = ["7198", "71986", "719869649082", "999", "1234567890123456", "20", "100"];
      for (let index = 0; index < 300; index += 1) ids.push(String(719_869_649_100 + index * 13), String(8000 + index));
      at.control.updateMany("contacts", [], { firstname: "none" });
      for (const id of new Set(ids))
        at.control.create("contacts", { firstname: `c${id}` }, { id, atMs: TODAY + MINUTE });
      at.runtime.advance(3 * HOUR);
      await reader.run();
      await expectEqual(at, reader);
      expect(reader.held.has("1234567890123456")).toBe(true);
    },
  );

  it("P10 an order that filter and sort do not share stops the run instead of losing rows", async () => {
    const at = await start({ portal: { contacts: 3, ...SMALL } });
    const hubspot = at.source({ pageRows: 50 });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    for (let index = 0; index < 300; index += 1) {
      at.control.create("contacts", { firstname: "x" }, { id: String(100 + index * 37), atMs: TODAY + MINUTE });
    }
    at.runtime.advance(3 * HOUR);
    const sorted = ["900", "300", "700"].map((id) => ({
      id,
      properties: { lastmodifieddate: new Date(TODAY + MINUTE).toISOString() },
    }));
    at.control.addFault({
      kind: "custom",
      path: "/search$",
      nth: 2,
      times: 50,
      status: 200,
      body: { total: 300, results: sorted, paging: { next: { after: "50" } } },
      headers: { "Content-Type": "application/json" },
    });
    await expect(reader.run()).rejects.toThrow(BugError);
  });

  it("P12 no search filters on a date below one second", async () => {
    const at = await start({ portal: { contacts: 50, ...SMALL }, epochFilter: "error" });
    const hubspot = at.source({ overlapMs: 100 * 24 * HOUR, lagMs: HOUR });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    at.runtime.advance(2 * HOUR);
    await reader.run();
    expect(at.control.counts().statuses["500"]).toBeUndefined();
    await expectEqual(at, reader);
  });
});

describe("pages that lead nowhere", () => {
  it("a list that names the page just read as the next one is not read for ever", async () => {
    const at = await start({ portal: { contacts: 5, ...SMALL } });
    const hubspot = at.source({ pageRows: 100 });
    const stream = await streamOf(hubspot);
    at.control.addFault({
      kind: "custom",
      path: "contacts$",
      times: 100,
      status: 200,
      body: { results: [], paging: { next: { after: "7" } } },
      headers: { "Content-Type": "application/json" },
    });
    await expect(readAll(hubspot, stream)).rejects.toMatchObject({ kind: "transient" });
  });
});

describe("the modified property", () => {
  it("P11 is found in the schema: contacts and others differ", async () => {
    const at = await start({ portal: { contacts: 5, companies: 5, notes: 5 } });
    const found = new Map<string, string | null>();
    for (const object of ["contacts", "companies", "notes"]) {
      const [stream] = await at.source({ object }).streams(new AbortController().signal);
      found.set(object, stream?.cursorField ?? null);
    }
    expect(Object.fromEntries(found)).toEqual({
      contacts: "lastmodifieddate",
      companies: "hs_lastmodifieddate",
      notes: "hs_lastmodifieddate",
    });
  });

  it.each(["hs_lastmodifieddate", "createdate", "email", "no_such_property"])(
    "P11 contacts by %s is a clear error, not zero rows",
    async (modifiedProperty) => {
      const at = await start({ portal: { contacts: 5 } });
      for (const { id } of at.control.records({ type: "contacts" }))
        at.control.update("contacts", id, { firstname: "x" });
      at.runtime.advance(3 * HOUR);
      const failed = at.source({ modifiedProperty }).streams(new AbortController().signal);
      await expect(failed).rejects.toThrow(ConfigError);
      await expect(failed).rejects.toThrow(/modifiedProperty|finds none/);
    },
  );
});

describe("the index lags", () => {
  it("P06 a change that is searchable only after the live pass went by is read by the exact pass", async () => {
    const at = await start({ portal: { contacts: 200, ...SMALL } });
    const hubspot = at.source({ exactEveryMs: 0 });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    at.runtime.advance(10 * MINUTE);
    const [late, early] = at.control.records({ type: "contacts", limit: 2 });
    at.control.setKnobs({ indexLagMs: 40 * MINUTE });
    at.control.update("contacts", late?.id ?? "", { firstname: "late" });
    at.control.setKnobs({ indexLagMs: 0 });
    at.runtime.advance(20_000);
    at.control.update("contacts", early?.id ?? "", { firstname: "early" });
    at.runtime.advance(1000);
    expect(keysOf(await reader.run())).toEqual([early?.id]);
    for (let minute = 0; minute < 70; minute += 10) {
      at.runtime.advance(10 * MINUTE);
      await reader.run();
    }
    at.runtime.advance(HOUR);
    await reader.run();
    await expectEqual(at, reader);
  });

  it("P06 proves only what lies behind the lag", async () => {
    const at = await start({ portal: { contacts: 20, ...SMALL } });
    const hubspot = at.source({ lagMs: 30 * MINUTE, exactEveryMs: 0 });
    const stream = await streamOf(hubspot, ["firstname"]);
    const reader = createReader(hubspot, stream);
    const first = await reader.run();
    expect(first.at(-1)?.proved ?? first.find((page) => page.proved !== null)?.proved).toEqual({
      field: null,
      after: null,
      through: null,
    });
    at.runtime.advance(2 * HOUR);
    const second = await reader.run();
    const nowMs = at.runtime.now();
    expect(second.find((page) => page.proved !== null)?.proved).toEqual({
      field: "lastmodifieddate",
      after: null,
      through: new Date(nowMs - 30 * MINUTE).toISOString(),
    });
    at.runtime.advance(HOUR);
    const third = await reader.run();
    expect(third.find((page) => page.proved !== null)?.proved?.after).toBe(new Date(nowMs - 30 * MINUTE).toISOString());
    expect(rowsOf(third)).toEqual([]);
  });
});

describe("the first enumeration", () => {
  it("P13 a row of the first page that is edited during the read is read again", async () => {
    const at = await start({ portal: { contacts: 1000, ...SMALL } });
    const hubspot = at.source({ pageRows: 100 });
    const stream = await streamOf(hubspot, ["firstname"]);
    const reader = createReader(hubspot, stream);
    await reader.run(2);
    const [first] = reader.held.keys();
    at.runtime.advance(1000);
    at.control.update("contacts", first ?? "", { firstname: "edited" });
    at.runtime.advance(1000);
    await reader.run();
    await expectEqual(at, reader);
    // Also where the live pass is off: the exact pass begins before the enumeration did.
    const exactOnly = at.source({ pageRows: 100, live: false });
    const other = createReader(exactOnly, stream);
    await other.run(2);
    at.runtime.advance(5000);
    at.control.update("contacts", first ?? "", { firstname: "edited twice" });
    at.runtime.advance(5000);
    await other.run();
    at.runtime.advance(2 * HOUR);
    await other.run();
    await expectEqual(at, other);
  });

  it("P14 a row created during the read with a smaller id is read", async () => {
    const at = await start({ portal: SMALL });
    for (let index = 0; index < 500; index += 1) {
      at.control.create("contacts", { firstname: `n${index}` }, { id: String(10_000 + index), atMs: TODAY - 9 * HOUR });
    }
    const hubspot = at.source({ pageRows: 100 });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run(3);
    at.runtime.advance(1000);
    at.control.create("contacts", { firstname: "small" }, { id: "77" });
    at.runtime.advance(1000);
    await reader.run();
    at.runtime.advance(2 * HOUR);
    await reader.run();
    expect(reader.held.get("77")?.["firstname"]).toBe("small");
    await expectEqual(at, reader);
  });

  it("resumes from every cursor without loss", async () => {
    const at = await start({ portal: { contacts: 700, ...SMALL } });
    const hubspot = at.source({ pageRows: 100 });
    const stream = await streamOf(hubspot, ["firstname"]);
    const pages = await readAll(hubspot, stream);
    for (const [index, page] of pages.entries()) {
      const cursor = JSON.parse(JSON.stringify(page.cursor));
      const rest = new Set(keysOf(await readAll(hubspot, stream, cursor)));
      const expected = keysOf(pages.slice(index + 1));
      expect(expected.filter((key) => !rest.has(key))).toEqual([]);
    }
  });
});
