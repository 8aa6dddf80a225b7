import { expect, test } from "vitest";
import { startTestApi } from "./__fixtures__/start-test-api.ts";
import { seedPortal } from "./portal/portal-seed.ts";
import { startHubspotApi } from "./start-hubspot-api.ts";

const portal = { contacts: 200, companies: 30, deals: 20, archivedShare: 0.1, mergedContacts: 3 };

test("the same seed is the same portal, another seed another one", async () => {
  const dump = async (seed: number) => {
    const { control } = await startTestApi({ portal: { ...portal, seed } });
    return JSON.stringify([control.records(), control.records({ archived: true })]);
  };
  const first = await dump(7);
  expect(await dump(7)).toBe(first);
  expect(await dump(8)).not.toBe(first);
});

test("it holds what was asked for: counts, archived ones, merged ones, nothing from the future", async () => {
  const { control } = await startTestApi({ portal });
  const { contacts, companies } = control.counts().records;
  expect((contacts?.live ?? 0) + (contacts?.archived ?? 0)).toBe(197);
  expect(contacts?.archived).toBeGreaterThan(8);
  expect((companies?.live ?? 0) + (companies?.archived ?? 0)).toBe(30);
  const records = control.records({ type: "contacts" });
  expect(records.filter(({ properties }) => properties["hs_merged_object_ids"] !== undefined)).toHaveLength(3);
  const { untilMs } = seedPortal();
  expect(records.every((record) => record.createdAtMs <= record.modifiedAtMs && record.modifiedAtMs <= untilMs)).toBe(
    true,
  );
});

test("250,000 records start, list and search in little memory", async () => {
  const before = process.memoryUsage().heapUsed;
  const api = await startHubspotApi({
    rateLimits: false,
    portal: { contacts: 200_000, companies: 20_000, deals: 20_000, notes: 10_000 },
  });
  try {
    const headers = { Authorization: "Bearer pat-eu1-stand-in" };
    const page = await fetch(`${api.url}/crm/v3/objects/contacts?limit=100&after=800000000000`, { headers });
    const body: { results: unknown[] } = JSON.parse(await page.text());
    expect(body.results).toHaveLength(100);
    const search = await fetch(`${api.url}/crm/v3/objects/contacts/search`, { method: "POST", headers, body: "{}" });
    expect(JSON.parse(await search.text())).toMatchObject({ total: 200_000 });
    const usedMb = (process.memoryUsage().heapUsed - before) / 1_000_000;
    expect(usedMb).toBeLessThan(300);
  } finally {
    await api.close();
  }
});

test.each([{ contacts: -1 }, { deals: 1.5 }, { archivedShare: 2 }, { days: 0 }, { customObjects: [{ name: "A b" }] }])(
  "%j is RangeError",
  async (seed) => {
    await expect(startHubspotApi({ portal: seed })).rejects.toThrow(RangeError);
  },
);

test("an address in use rejects with the system's code", async () => {
  const { url } = await startTestApi();
  const port = Number(new URL(url).port);
  await expect(startHubspotApi({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
