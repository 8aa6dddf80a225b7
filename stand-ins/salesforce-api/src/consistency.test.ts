import { expect, test } from "vitest";
import { createRandom } from "@acme/stand-in-kit";
import { START_MS, startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";
import type { RowView } from "./control.ts";

/** Random changes, some of them late, some with stamps that others have. */
function change(api: TestApi, random: () => number, steps: number): void {
  const { control } = api;
  const whole = (below: number) => Math.floor(random() * below);
  for (let step = 0; step < steps; step += 1) {
    control.advanceClock(whole(3) * 500);
    const rows = control.rows({ object: "Account", state: random() < 0.3 ? "deleted" : "live", fields: [] });
    const row = rows[whole(rows.length)];
    const options = {
      ...(random() < 0.3 ? { atMs: START_MS - whole(5) * 1000 } : {}),
      ...(random() < 0.2 ? { delayMs: whole(5000) } : {}),
    };
    const dice = whole(6);
    if (dice === 0 || row === undefined) control.create("Account", { Name: `New ${step}` }, options);
    else if (row.state === "deleted") {
      if (dice < 4) control.undelete(row.id, options);
      else control.purge(row.id, options);
    } else if (dice === 1) control.delete(row.id, options);
    else if (dice === 2) {
      const other = rows[whole(rows.length)];
      if (other !== undefined && other.id !== row.id) control.merge(row.id, [other.id], options);
    } else control.update(row.id, { Phone: String(step) }, { ...options, touch: dice === 3 ? "system" : "user" });
  }
}

const byId = (left: RowView, right: RowView) => (left.id < right.id ? -1 : 1);
const byStamp = (left: RowView, right: RowView) => left.stampMs - right.stampMs || byId(left, right);
const iso = (timeMs: number) => new Date(timeMs).toISOString();

test.each([1, 2, 3, 4, 5])("whatever happened, every way to ask finds the same rows (seed %d)", async (seed) => {
  const random = createRandom(seed);
  const api = await startTestApi({
    org: {
      rows: { Account: 300 },
      deletedShare: 0.1,
      seed,
      bulkUpdates: [{ object: "Account", count: 50, atMs: START_MS - 2000, from: 20 }],
    },
  });
  for (let round = 0; round < 5; round += 1) {
    change(api, random, 40);
    const live = api.control.rows({ object: "Account", fields: [] });
    const all = [...live, ...api.control.rows({ object: "Account", state: "deleted", fields: [] })];
    const pivot = all[Math.floor(random() * all.length)];
    if (pivot === undefined) throw new Error("no rows");
    const limit = 1 + Math.floor(random() * 60);
    const { stampMs, id } = pivot;
    const later = START_MS + Math.floor(random() * 20) * 1000;
    const keyset = (row: RowView) => row.stampMs > stampMs || (row.stampMs === stampMs && row.id > id);
    const within = (row: RowView) => row.stampMs >= stampMs && row.stampMs < later;
    const cases: readonly (readonly [string, (rows: readonly RowView[]) => readonly RowView[]])[] = [
      [
        `WHERE (SystemModstamp = ${iso(stampMs)} AND Id > '${id}') OR SystemModstamp > ${iso(stampMs)} ORDER BY SystemModstamp, Id LIMIT ${limit}`,
        (rows) => rows.filter(keyset).toSorted(byStamp).slice(0, limit),
      ],
      [
        `WHERE SystemModstamp >= ${iso(stampMs)} AND SystemModstamp < ${iso(later)} ORDER BY Id`,
        (rows) => rows.filter(within).toSorted(byId),
      ],
      [
        `WHERE SystemModstamp <= ${iso(stampMs)} ORDER BY SystemModstamp DESC, Id DESC LIMIT ${limit}`,
        (rows) =>
          rows
            .filter((row) => row.stampMs <= stampMs)
            .toSorted(byStamp)
            .toReversed()
            .slice(0, limit),
      ],
      [
        `WHERE Id > '${id}' ORDER BY Id LIMIT ${limit}`,
        (rows) =>
          rows
            .filter((row) => row.id > id)
            .toSorted(byId)
            .slice(0, limit),
      ],
      [
        `WHERE Id IN ('${id}') OR Id = '${all[0]?.id}' ORDER BY Id`,
        (rows) => rows.filter((row) => row.id === id || row.id === all[0]?.id).toSorted(byId),
      ],
    ];
    for (const [soql, truth] of cases) {
      const found = await api.query(`SELECT Id FROM Account ${soql}`);
      expect(found.each("records", "Id"), soql).toEqual(truth(live).map((row) => row.id));
      const foundAll = await api.queryAll(`SELECT Id FROM Account ${soql}`);
      expect(foundAll.each("records", "Id"), soql).toEqual(truth(all).map((row) => row.id));
    }
    const unordered = await api.query(
      `SELECT Id FROM Account WHERE SystemModstamp >= ${iso(stampMs)} AND SystemModstamp < ${iso(later)}`,
    );
    expect(unordered.each("records", "Id").map(String).toSorted()).toEqual(
      live
        .filter(within)
        .toSorted(byId)
        .map((row) => row.id),
    );
    const job = await api.createJob("SELECT Id, SystemModstamp, IsDeleted FROM Account", { operation: "queryAll" });
    const { text } = await api.get(`/jobs/query/${String(job.at("id"))}/results`);
    const lines = all.map((row) => `"${row.id}","${iso(row.stampMs)}","${row.state === "deleted"}"`);
    expect(text.trim().split("\n").slice(1).toSorted()).toEqual(lines.toSorted());
  }
});

test("every deletion is told by getDeleted, and no row that is alive", async () => {
  const random = createRandom(9);
  const api = await startTestApi({ org: { rows: { Account: 100 } } });
  const before = new Set(api.control.rows({ object: "Account", fields: [] }).map((row) => row.id));
  change(api, random, 200);
  api.control.settleCommits();
  api.control.advanceClock(120_000);
  const window = `start=${encodeURIComponent(iso(START_MS - 60_000))}&end=${encodeURIComponent(iso(api.control.now()))}`;
  const told = (await api.get(`/sobjects/Account/deleted?${window}`)).each("deletedRecords", "id").map(String);
  const live = new Set(api.control.rows({ object: "Account", fields: [] }).map((row) => row.id));
  expect(told.filter((id) => live.has(id))).toEqual([]);
  const lost = [...before].filter((id) => !live.has(id));
  expect(lost.length).toBeGreaterThan(5);
  expect(told).toEqual(expect.arrayContaining(lost));
});
