import { describe, expect, test } from "vitest";
import { START_MS, startTestApi, type TestApi, where } from "./__fixtures__/start-test-api.ts";

async function found(api: TestApi): Promise<unknown[]> {
  return (await api.search({ limit: 200 })).each("results", "id");
}

describe("lag", () => {
  test("a new record is searchable once the lag has passed, and readable at once", async () => {
    const api = await startTestApi({ indexLagMs: 20_000 });
    const id = api.control.create("contacts", {});
    expect((await api.get(`/crm/v3/objects/contacts/${id}`)).status).toBe(200);
    api.control.advanceClock(19_999);
    expect(await found(api)).toEqual([]);
    expect(api.control.counts().pendingIndexChanges).toBe(1);
    expect(api.control.record("contacts", id)?.searchable).toBe(false);
    api.control.advanceClock(1);
    expect(await found(api)).toEqual([id]);
    expect(api.control.record("contacts", id)?.searchable).toBe(true);
  });

  test("until then a changed record is found by what it was, and shown as it is: out of the window", async () => {
    const api = await startTestApi();
    const id = api.control.create("contacts", { city: "Aarhus" });
    api.control.setKnobs({ indexLagMs: 60_000 });
    api.control.advanceClock(10_000);
    api.control.update("contacts", id, { city: "Bologna" });
    const body = {
      filters: [where("city", "EQ", "Aarhus"), where("lastmodifieddate", "LTE", START_MS)],
      properties: ["city"],
    };
    const early = await api.search(body);
    expect(early.at("results.0.properties.city")).toBe("Bologna");
    expect(Date.parse(String(early.at("results.0.updatedAt")))).toBe(START_MS + 10_000);
    api.control.setKnobs({ searchValues: "indexed" });
    expect((await api.search(body)).at("results.0.properties.city")).toBe("Aarhus");
    api.control.advanceClock(60_000);
    expect((await api.search(body)).at("total")).toBe(0);
  });

  test("jitter lets a later change become searchable before an earlier one, and an old one never wins", async () => {
    const api = await startTestApi({ indexLagMs: { minMs: 0, maxMs: 60_000 }, seed: 3 });
    const ids = Array.from({ length: 40 }, () => {
      api.control.advanceClock(100);
      return api.control.create("contacts", {});
    });
    api.control.advanceClock(20_000);
    const visible = (await found(api)).map(String);
    expect(visible.length).toBeGreaterThan(3);
    const missing = ids.filter((id) => !visible.includes(id));
    expect(missing.some((id) => ids.indexOf(id) < ids.indexOf(visible.at(-1) ?? ""))).toBe(true);
    for (let round = 0; round < 20; round += 1) api.control.update("contacts", ids[0] ?? "", { city: `c${round}` });
    api.control.advanceClock(60_000);
    expect((await api.search({ filters: [where("city", "EQ", "c19")] })).at("total")).toBe(1);
    expect(await found(api)).toHaveLength(40);
  });

  test("settleIndex makes everything searchable at once", async () => {
    const api = await startTestApi({ indexLagMs: 3_600_000 });
    api.control.create("contacts", {});
    api.control.settleIndex();
    expect(await found(api)).toHaveLength(1);
  });

  test.each([
    ["absent", 4, 4, false],
    ["shown", 5, 5, false],
    ["thinned", 5, 4, true],
  ] as const)("an archived record is %s: total %i, shown %i", async (removedInSearch, total, shown, short) => {
    const api = await startTestApi({ removedInSearch });
    const ids = Array.from({ length: 5 }, () => {
      api.control.advanceClock(1);
      return api.control.create("contacts", {});
    });
    api.control.setKnobs({ indexLagMs: 60_000 });
    api.control.archive("contacts", ids[1] ?? "");
    const answer = await api.search({ limit: 2 });
    expect(answer.at("total")).toBe(total);
    expect(answer.each("results", "id")).toHaveLength(short ? 1 : 2);
    expect(answer.at("paging.next.after")).toBe("2");
    expect(await found(api)).toHaveLength(shown);
    api.control.advanceClock(60_000);
    expect(await found(api)).toHaveLength(4);
  });

  test("lists do not lag", async () => {
    const api = await startTestApi({ indexLagMs: 60_000 });
    api.control.create("contacts", {});
    expect((await api.get("/crm/v3/objects/contacts")).each("results", "id")).toHaveLength(1);
  });
});

describe("ties", () => {
  const body = { sorts: ["lastmodifieddate"], limit: 200 };
  const order = async (api: TestApi) => (await api.search(body)).each("results", "id").map(Number);

  test("equal dates come in an arbitrary order that stays the same", async () => {
    const api = await startTestApi();
    for (let count = 0; count < 60; count += 1) api.control.create("contacts", {});
    const first = await order(api);
    expect(first).not.toEqual(first.toSorted((left, right) => left - right));
    api.control.create("companies", {});
    expect(await order(api)).toEqual(first);
    api.control.setKnobs({ tieOrder: "id" });
    expect(await order(api)).toEqual(first.toSorted((left, right) => left - right));
  });

  test("unstable ties come in another order for every request, later dates still after them", async () => {
    const api = await startTestApi({ tieOrder: "unstable" });
    for (let count = 0; count < 60; count += 1) api.control.create("contacts", {});
    api.control.advanceClock(1);
    const last = Number(api.control.create("contacts", {}));
    const [first, second] = [await order(api), await order(api)];
    expect(first).not.toEqual(second);
    expect(new Set(first)).toEqual(new Set(second));
    expect([first.at(-1), second.at(-1)]).toEqual([last, last]);
  });

  test("12,000 records of one millisecond are all reached by id at that instant", async () => {
    const atMs = Date.UTC(2026, 9, 20);
    const api = await startTestApi({
      portal: { contacts: 13_000, bulkUpdates: [{ type: "contacts", count: 12_000, atMs }] },
    });
    const seen = new Set<string>();
    let last = "0";
    for (;;) {
      const filters = [where("lastmodifieddate", "EQ", atMs), where("hs_object_id", "GT", last)];
      const answer = await api.search({ filters, sorts: ["hs_object_id"], limit: 200, properties: [] });
      const ids = answer.each("results", "id").map(String);
      if (ids.length === 0) break;
      for (const id of ids) seen.add(id);
      last = ids.at(-1) ?? "";
    }
    expect(seen.size).toBe(12_000);
    expect((await api.search({ filters: [where("lastmodifieddate", "EQ", atMs)] })).at("total")).toBe(12_000);
  });
});

test("a record edited between two pages leaves its place, and its neighbour is skipped", async () => {
  const api = await startTestApi({ portal: { contacts: 20 } });
  const page = async (after: string) =>
    (await api.search({ sorts: ["lastmodifieddate"], limit: 10, after })).each("results", "id").map(String);
  const first = await page("0");
  api.control.update("contacts", first[0] ?? "", { city: "x" });
  const second = await page("10");
  expect(new Set([...first, ...second]).size).toBe(19);
});
