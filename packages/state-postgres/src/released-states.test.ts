import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./__fixtures__/server.ts";
import { migrations } from "./migrations.ts";
import { openPostgresState } from "./open-postgres-state.ts";
import { fillSchema } from "./sql.ts";

const folder = new URL("__fixtures__/released/", import.meta.url);
const versions = readdirSync(folder)
  .filter((file) => file.endsWith(".sql"))
  .map((file) => file.replace(".sql", ""));

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe("states as released versions kept them", () => {
  it("are at hand", () => expect(versions).toContain("0.1.0"));

  it.each(versions)("%s opens, with all that it held", async (version) => {
    const schema = `released_${version.replaceAll(/\W/g, "_")}`;
    const admin = await server.connect();
    await admin.query(`create schema ${schema}`);
    await admin.query(fillSchema(readFileSync(new URL(`${version}.sql`, folder), "utf8"), schema));
    const store = await openPostgresState({ url: server.url(`&schema=${schema}`), now: Date.now, mode: "existing" });
    const pieces = [];
    for await (const piece of store?.exportAll(null) ?? []) pieces.push(piece);
    expect(pieces).toEqual(JSON.parse(readFileSync(new URL(`${version}.json`, folder), "utf8")));
    const state = await store?.claim("customers", "a later run", 60_000);
    expect((await state?.unsettled())?.map(({ id, eventId }) => ({ id, eventId }))).toEqual([
      { id: "sent", eventId: "evt_1" },
      { id: "waiting", eventId: null },
    ]);
    expect(await store?.summary("customers")).toMatchObject({ landedRows: 5, parkedRows: 1, unsettledBatches: 2 });
    expect(await store?.receipts("customers", 10)).toMatchObject([{ runId: "run-1", exitCode: 4 }]);
    await store?.close();
  });
});

describe("steps that a released version has taken", () => {
  /** One a step, in order. A new step gets a new line; no line is ever changed, since states out there have taken the step as it was. */
  const released: readonly string[] = ["e6338c5973289c61", "a3793cb774fbd701"];

  it("are as they were", () => {
    const digests = migrations.map((step) => createHash("sha256").update(step).digest("hex").slice(0, 16));
    expect(digests.slice(0, released.length)).toEqual(released);
    expect(released.length, "a step is missing in this list").toBe(migrations.length);
  });
});
