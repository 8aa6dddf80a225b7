import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrations } from "./migrations.ts";
import { openSqliteState } from "./open-sqlite-state.ts";

const folder = new URL("__fixtures__/released/", import.meta.url);
const versions = readdirSync(folder)
  .filter((file) => file.endsWith(".sql"))
  .map((file) => file.replace(".sql", ""));

let own = "";
beforeEach(() => {
  own = mkdtempSync(join(tmpdir(), "released-state-"));
});
afterEach(() => rmSync(own, { recursive: true }));

describe("states as released versions wrote them", () => {
  it("are at hand", () => expect(versions).toContain("0.1.0"));

  it.each(versions)("%s opens, with all that it held", async (version) => {
    const file = join(own, "state.db");
    const old = new DatabaseSync(file);
    old.exec(readFileSync(new URL(`${version}.sql`, folder), "utf8"));
    old.close();
    const store = await openSqliteState({ file, now: () => Date.UTC(2026, 10, 28, 12) });
    const pieces = [];
    for await (const piece of store.exportAll(null)) pieces.push(piece);
    expect(pieces).toEqual(JSON.parse(readFileSync(new URL(`${version}.json`, folder), "utf8")));
    const state = await store.claim("customers", "a later run", 60_000);
    expect(state?.fence).toBe(2);
    expect((await state?.unsettled())?.map(({ id, eventId }) => ({ id, eventId }))).toEqual([
      { id: "sent", eventId: "evt_1" },
      { id: "waiting", eventId: null },
    ]);
    expect(await store.summary("customers")).toMatchObject({ landedRows: 5, parkedRows: 1, unsettledBatches: 2 });
    expect(await store.receipts("customers", 10)).toMatchObject([{ runId: "run-1", exitCode: 4 }]);
    await store.close();
  });
});

describe("steps that a released version has taken", () => {
  /** One a step, in order. A new step gets a new line; no line is ever changed, since files out there have taken the step as it was. */
  const released: readonly string[] = [
    "05ce42543cb9ef26",
    "4655a31fb9b41b21",
    "860fba4f31e7da4c",
    "8149ad0a42cbf70e",
    "3ef28c3fbcf85192",
  ];

  it("are as they were", () => {
    const digests = migrations.map((step) => createHash("sha256").update(step).digest("hex").slice(0, 16));
    expect(digests.slice(0, released.length)).toEqual(released);
    expect(released.length, "a step is missing in this list").toBe(migrations.length);
  });
});
