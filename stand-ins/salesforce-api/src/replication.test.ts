import { expect, test } from "vitest";
import { START_MS, startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A replication call whose window ends at the server's present minute, unless it is said otherwise. */
function replicate(
  api: TestApi,
  call: "updated" | "deleted",
  startMs: number,
  endMs = api.control.now(),
  object = "Account",
) {
  const text = (timeMs: number) => encodeURIComponent(new Date(timeMs).toISOString().replace(".000Z", "+00:00"));
  return api.get(`/sobjects/${object}/${call}/?start=${text(startMs)}&end=${text(endMs)}`);
}

test("deleted rows are told by id and time: out of the bin, purged, and merged away; not those that came back", async () => {
  const api = await startTestApi();
  const { control } = api;
  const ids = ["a", "b", "c", "d", "e"].map((Name) => control.create("Account", { Name }));
  const [soft = "", purged = "", winner = "", loser = "", back = ""] = ids;
  control.advanceClock(MINUTE);
  control.delete(soft);
  control.delete(purged);
  control.purge(purged);
  control.merge(winner, [loser]);
  control.delete(back);
  control.undelete(back);
  control.advanceClock(2 * MINUTE);
  const answer = await replicate(api, "deleted", START_MS);
  expect(answer.each("deletedRecords", "id").map(String).toSorted()).toEqual([soft, purged, loser].toSorted());
  expect(answer.at("deletedRecords.0.deletedDate")).toBe("2026-11-22T12:01:00.000+0000");
  expect(answer.at("latestDateCovered")).toBe("2026-11-22T12:03:00.000+0000");
  expect(answer.at("earliestDateAvailable")).toBe("2026-11-07T12:03:00.000+0000");
});

test("changed rows are told by id; both bounds belong to the window, after their seconds were cut off", async () => {
  const api = await startTestApi();
  const at = (atMs: number) => api.control.create("Account", { Name: "x" }, { atMs });
  const before = at(START_MS - 60_001);
  const first = at(START_MS - MINUTE);
  const last = at(START_MS);
  const after = at(START_MS + 30_000);
  api.control.advanceClock(59_000);
  const { text } = await replicate(api, "updated", START_MS - 1000);
  expect(JSON.parse(text)).toEqual({
    ids: [first, last],
    latestDateCovered: "2026-11-22T12:00:00.000+0000",
  });
  expect(text).not.toContain(before);
  expect(text).not.toContain(after);
});

test("a window needs a start before its end, at least a minute; no more than 30 days for changes, 15 for deletions", async () => {
  const api = await startTestApi();
  const code = async (...args: Parameters<typeof replicate>) => (await replicate(...args)).code;
  expect(await code(api, "updated", START_MS, START_MS)).toBe("INVALID_REPLICATION_DATE");
  expect(await code(api, "deleted", START_MS + 1000, START_MS + 59_000)).toBe("INVALID_REPLICATION_DATE");
  expect(await code(api, "updated", START_MS - 31 * DAY)).toBe("INVALID_REPLICATION_DATE");
  expect((await replicate(api, "updated", START_MS - 30 * DAY)).status).toBe(200);
  expect(await code(api, "deleted", START_MS - 16 * DAY)).toBe("INVALID_REPLICATION_DATE");
  expect((await replicate(api, "deleted", START_MS - 15 * DAY)).status).toBe(200);
  expect((await api.get("/sobjects/Account/deleted/?start=yesterday&end=today")).status).toBe(400);
});

test("a log that was trimmed refuses earlier windows, or answers what is left of them", async () => {
  const api = await startTestApi();
  const { control } = api;
  const [early = "", late = ""] = ["a", "b"].map((Name) => control.create("Account", { Name }));
  control.delete(early);
  control.advanceClock(10 * MINUTE);
  control.delete(late);
  control.advanceClock(MINUTE);
  control.trimDeletedLog("Account", START_MS + 5 * MINUTE);
  expect((await replicate(api, "deleted", START_MS)).code).toBe("INVALID_REPLICATION_DATE");
  const rest = await replicate(api, "deleted", START_MS + 5 * MINUTE);
  expect(rest.each("deletedRecords", "id")).toEqual([late]);
  expect(rest.at("earliestDateAvailable")).toBe("2026-11-22T12:05:00.000+0000");
  control.setKnobs({ replicationBeforeLog: "partial" });
  expect((await replicate(api, "deleted", START_MS)).each("deletedRecords", "id")).toEqual([late]);
});

test("the date covered stands still while a change is under way", async () => {
  const api = await startTestApi();
  const slow = api.control.create("Account", { Name: "slow" }, { delayMs: 10 * MINUTE });
  api.control.advanceClock(5 * MINUTE);
  const early = await replicate(api, "updated", START_MS - MINUTE);
  expect(JSON.parse(early.text)).toEqual({ ids: [], latestDateCovered: "2026-11-22T11:59:59.000+0000" });
  api.control.setKnobs({ replicationUncovered: "error" });
  const failed = await replicate(api, "updated", START_MS - MINUTE);
  expect(failed.at("0.message")).toBe("latestDateCovered is 2026-11-22T11:59:59.000+0000");
  expect((await replicate(api, "updated", START_MS - 2 * MINUTE, START_MS - MINUTE)).status).toBe(200);
  api.control.advanceClock(5 * MINUTE);
  const late = await replicate(api, "updated", START_MS - MINUTE);
  expect(JSON.parse(late.text)).toEqual({ ids: [slow], latestDateCovered: "2026-11-22T12:10:00.000+0000" });
});

test("too many ids, objects without replication, objects that are not there, rows of others", async () => {
  const api = await startTestApi({ replicationMaxIds: 1 });
  const mine = api.control.create("Account", { Name: "a" });
  api.control.create("Account", { Name: "b" });
  api.control.advanceClock(MINUTE);
  expect((await replicate(api, "updated", START_MS - MINUTE)).code).toBe("EXCEEDED_ID_LIMIT");
  const others = await replicate(api, "updated", START_MS - MINUTE, undefined, "AccountHistory");
  expect(others.code).toBe("INVALID_TYPE_FOR_OPERATION");
  expect((await replicate(api, "updated", START_MS - MINUTE, undefined, "Nope")).status).toBe(404);
  const [, other] = api.control.rows({ object: "User" });
  const stranger = api.control.rows({ object: "Account" }).find(({ id }) => id !== mine);
  api.control.update(stranger?.id ?? "", { OwnerId: other?.id ?? "" });
  api.control.setUser({ viewAllData: false });
  expect((await replicate(api, "updated", START_MS - MINUTE)).at("ids")).toEqual([mine]);
});

test("seeded rows in the bin are told as well", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 200 }, deletedShare: 0.1 } });
  const answer = await replicate(api, "deleted", START_MS - 14 * DAY, undefined, "Contact");
  const gone = api.control.rows({ object: "Contact", state: "deleted" }).map(({ id }) => id);
  expect(gone.length).toBeGreaterThan(5);
  expect(answer.each("deletedRecords", "id").map(String).toSorted()).toEqual(gone.toSorted());
});

test("an object without a bin loses its rows at once, and the log knows them", async () => {
  const api = await startTestApi();
  const id = api.control.create("CampaignMember", { Status: "Sent" });
  api.control.delete(id);
  api.control.advanceClock(MINUTE);
  expect((await api.queryAll("SELECT Id FROM CampaignMember")).at("totalSize")).toBe(0);
  const answer = await replicate(api, "deleted", START_MS, undefined, "CampaignMember");
  expect(answer.each("deletedRecords", "id")).toEqual([id]);
});
