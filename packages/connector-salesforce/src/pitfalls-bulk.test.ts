import { ConfigError, type Page, SyncError, TransientError } from "@acme/sync-core";
import { createReader, keysOf, never, readAll, rowsOf, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { onRequest } from "./__fixtures__/on-request.ts";
import {
  DAY,
  HOUR,
  lastCursor,
  missingOf,
  MINUTE,
  noticesOf,
  type Settings,
  startOrg,
  type TestOrg,
} from "./__fixtures__/org.ts";
import { thisMachine } from "./machine.ts";
import type { Transport } from "./transport.ts";

let org: TestOrg | null = null;
afterEach(async () => {
  await org?.stop();
  org = null;
});

async function start(options: Parameters<typeof startOrg>[0] = {}): Promise<TestOrg> {
  org = await startOrg(options);
  return org;
}

const BULK: Settings = { transport: "bulk", relationships: [] };
/** Bulk for everything that has more than a hundred rows. */
const MANY: Settings = { bulkMinRows: 100, relationships: [] };
const RESULTS = "/jobs/query/\\w+/results";
const downloads = (calls: readonly string[]): readonly string[] => calls.filter((call) => call.includes("/results"));
const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

/** Carries the first Bulk result in small pieces, one of its lines having lost its first comma. */
function damaging(line: number): Transport {
  let isDone = false;
  return async (request, timeoutMs, signal) => {
    const answer = await thisMachine.transport(request, timeoutMs, signal);
    if (isDone || !request.url.includes("/results")) return answer;
    isDone = true;
    const pieces: Buffer[] = [];
    for await (const piece of answer.body) pieces.push(piece);
    const lines = Buffer.concat(pieces).toString().split("\n");
    lines[line] = lines[line]?.replace(",", " ") ?? "";
    const damaged = Buffer.from(lines.join("\n"));
    async function* body(): AsyncGenerator<Buffer> {
      for (let at = 0; at < damaged.length; at += 4096) yield damaged.subarray(at, at + 4096);
    }
    return { ...answer, body: body() };
  };
}

describe("pages of a Bulk result", () => {
  it("T01 several of them give exactly the rows, and no header among them", async () => {
    const at = await start({ org: { rows: { Contact: 2500 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400 });
    const reader = createReader(source, await streamOf(source, ["LastName", "Email"]));
    const keys = keysOf(await reader.run());
    expect(keys).toHaveLength(2500);
    expect(new Set(keys).size).toBe(2500);
    expect(keys.every((key) => key.startsWith("003"))).toBe(true);
    expect(missingOf(at, reader)).toEqual([]);
    expect(downloads(at.calls())).toHaveLength(7);
  });

  it("T02 more than a million rows are read to the end", async () => {
    const at = await start({ org: { rows: { Contact: 1_000_500 } } });
    const source = at.source({ ...BULK, pageRows: 10_000 });
    let rows = 0;
    const seen = new Set<string>();
    for await (const page of source.read(await streamOf(source, []), null, new AbortController().signal)) {
      rows += page.rows.length;
      for (const row of page.rows) seen.add(row.key);
    }
    expect(rows).toBe(1_000_500);
    expect(seen.size).toBe(1_000_500);
  });

  it.each(["Aborted", "deleted"])("a job that is %s while its result is read is asked for again", async (how) => {
    const at = await start({ org: { rows: { Contact: 1000 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400 });
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    at.control.addFault({
      kind: "custom",
      path: RESULTS,
      nth: 2,
      ...(how === "deleted"
        ? { status: 404, body: [{ errorCode: "NOT_FOUND", message: "The requested resource does not exist" }] }
        : { status: 400, body: [{ errorCode: "API_ERROR", message: "A job in state Aborted has no results" }] }),
    });
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
    expect(at.calls().filter((call) => call.startsWith("POST"))).toHaveLength(2);
  });

  it("T03 a missing locator ends the download, and the count tells that rows are missing", async () => {
    const at = await start({ org: { rows: { Contact: 1000 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400 });
    const stream = await streamOf(source, ["LastName"]);
    at.control.addFault({ kind: "no-locator", path: RESULTS, times: 100 });
    const failure = await failureOf(readAll(source, stream));
    expect(failure).toBeInstanceOf(TransientError);
    expect(String(failure)).toContain("the job says 1000");
    expect(downloads(at.calls())).toHaveLength(2);
    at.control.clearFaults();
    expect(keysOf(await readAll(source, stream))).toHaveLength(1000);
  });

  it("T04 a session that ends between two pages is renewed, and the same page is asked for again", async () => {
    const at = await start({ org: { rows: { Contact: 1000 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400 });
    const stream = await streamOf(source, ["LastName"]);
    const stop = onRequest(at, /results.*locator/, 1, () => at.control.expireSessions());
    const keys = keysOf(await readAll(source, stream));
    stop();
    expect(keys).toHaveLength(1000);
    expect(new Set(keys).size).toBe(1000);
    const [, second, again] = downloads(at.calls());
    expect(again).toBe(second);
    expect(at.control.counts().statuses["401"]).toBe(1);
  });

  it.each(["reset-body", "truncated-body", "short-body", "stall-body"] as const)(
    "T05 a page that is torn (%s) is asked for again, and its rows come once",
    async (kind) => {
      const at = await start({ org: { rows: { Contact: 1000 } } });
      const source = at.source({ ...MANY, bulkPageRows: 400, requestTimeoutMs: kind === "stall-body" ? 300 : 30_000 });
      const stream = await streamOf(source, ["LastName", "Description"]);
      at.control.addFault({ kind, path: RESULTS, nth: 2 });
      const keys = keysOf(await readAll(source, stream));
      expect(keys).toHaveLength(1000);
      expect(new Set(keys).size).toBe(1000);
      expect(downloads(at.calls())).toHaveLength(4);
    },
  );

  it.each(["fewer-rows", "wrong-count"] as const)(
    "T42 a page whose rows are not as many as it says (%s) is read again",
    async (kind) => {
      const at = await start({ org: { rows: { Contact: 1000 } } });
      const source = at.source({ ...BULK, bulkPageRows: 400 });
      const stream = await streamOf(source, ["LastName"]);
      at.control.addFault({ kind, path: RESULTS, nth: 2 });
      const keys = keysOf(await readAll(source, stream));
      expect(keys).toHaveLength(1000);
      expect(new Set(keys).size).toBe(1000);
    },
  );

  it("T42 damage in the middle of a page is noticed when it is reached: what stands before it is kept, and the rest comes once", async () => {
    const at = await start({ org: { rows: { Contact: 2000 } } });
    const machine = { ...thisMachine, transport: damaging(1500) };
    const source = at.source({ ...BULK, bulkPageRows: 2000, pageRows: 100 }, machine);
    const stream = await streamOf(source, ["LastName", "Description"]);
    const pages: Page[] = [];
    const reading = (async () => {
      for await (const page of source.read(stream, null, never)) pages.push(page);
    })();
    expect(await failureOf(reading)).toMatchObject({ name: "TransientError", message: /damaged/ });
    const before = keysOf(pages).length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(1500);
    const keys = [...keysOf(pages), ...keysOf(await readAll(source, stream, lastCursor(pages)))];
    expect(keys).toHaveLength(2000);
    expect(new Set(keys).size).toBe(2000);
  });

  it("T42 a page that stays wrong ends the read as a passing fault, before any of its rows is given", async () => {
    const at = await start({ org: { rows: { Contact: 1000 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400 });
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    const fault = at.control.addFault({ kind: "fewer-rows", path: `${RESULTS}.*locator`, times: 1000 });
    expect(await failureOf(reader.run())).toBeInstanceOf(TransientError);
    expect(reader.held.size).toBe(400);
    at.control.removeFault(fault);
    expect(keysOf(await reader.run())).toHaveLength(600);
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("a page without a count is held against the job", async () => {
    const at = await start({ org: { rows: { Contact: 1000 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400 });
    at.control.addFault({ kind: "no-count", path: RESULTS, times: 100 });
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(1000);
  });

  it.each(["header", "nothing"] as const)("T41 a result without rows (%s) is no fault", async (bulkEmpty) => {
    const at = await start({ bulkEmpty });
    const source = at.source(BULK);
    const pages = await readAll(source, await streamOf(source, ["LastName"]));
    expect(rowsOf(pages)).toEqual([]);
    expect(pages.at(-1)?.proved).not.toBeNull();
  });

  it("a page that is larger than it should be is asked for in smaller parts", async () => {
    const at = await start({ org: { rows: { Contact: 3000 } } });
    const source = at.source({ ...BULK, bulkPageBytes: 20_000 });
    const keys = keysOf(
      await readAll(source, await streamOf(source, ["LastName", "Description", "Email", "MailingStreet"])),
    );
    expect(keys).toHaveLength(3000);
    expect(new Set(keys).size).toBe(3000);
  });

  it("a row that is larger than a page may be is read all the same", async () => {
    const at = await start();
    at.control.create("Contact", { LastName: "Long", Description: "x".repeat(30_000) });
    const source = at.source({ ...BULK, bulkPageBytes: 10_000 });
    const [row] = rowsOf(await readAll(source, await streamOf(source, ["Description"])));
    expect(row?.fields["Description"]).toHaveLength(30_000);
  });
});

describe("Bulk jobs", () => {
  it("T12 one that takes ten minutes is waited for, at growing distances", async () => {
    const at = await start({ org: { rows: { Contact: 500 } }, bulkQueuedMs: 2 * MINUTE, bulkRunningMs: 8 * MINUTE });
    const source = at.source(MANY);
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(500);
    const polls = at.calls().filter((call) => /GET .*\/jobs\/query\/\w+$/.test(call));
    expect(polls.length).toBeGreaterThan(5);
    expect(polls.length).toBeLessThan(40);
  });

  it("T12 a run that cannot wait longer says so, and the next one, also of another process, waits for the same job", async () => {
    const at = await start({ org: { rows: { Contact: 500 } }, bulkRunningMs: 40 * MINUTE });
    const source = at.source(MANY);
    const reader = createReader(source, await streamOf(source));
    const failure = await failureOf(reader.run());
    expect(failure).toBeInstanceOf(TransientError);
    expect(String(failure)).toContain("bulkWaitMs");
    const cursor = reader.cursor();
    await source.close();
    const other = at.source(MANY);
    expect(keysOf(await readAll(other, await streamOf(other), cursor))).toHaveLength(500);
    expect(at.calls().filter((call) => call.startsWith("POST") && call.endsWith("/jobs/query"))).toHaveLength(1);
  });

  it("states that go back and forth are waited through", async () => {
    const at = await start({
      org: { rows: { Contact: 500 } },
      bulkRunningMs: 10 * MINUTE,
      bulkStates: "back-and-forth",
    });
    const source = at.source(BULK);
    expect(keysOf(await readAll(source, await streamOf(source)))).toHaveLength(500);
  });

  it("T13 one that fails says why, and REST reads the object instead", async () => {
    const at = await start({ org: { rows: { Contact: 500 } } });
    at.control.addFault({
      kind: "job-fails",
      errorMessage: "InternalServerError: the disk of sync@acme.example is full",
      times: 10,
    });
    const source = at.source({ relationships: [], bulkMinRows: 10 });
    const pages = await readAll(source, await streamOf(source));
    expect(keysOf(pages)).toHaveLength(500);
    expect(noticesOf(pages).join()).toContain("the disk of (address) is full");
    expect(at.calls().filter((call) => call.startsWith("DELETE"))).toHaveLength(1);
  });

  it("T13 with transport: bulk the message ends the read", async () => {
    const at = await start({ org: { rows: { Contact: 500 } } });
    at.control.addFault({ kind: "job-fails", errorMessage: "InternalServerError: no luck", times: 10 });
    const source = at.source(BULK);
    const failure = await failureOf(readAll(source, await streamOf(source)));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain("no luck");
    expect(SyncError.is(failure) && failure.hint).toContain("transport: rest");
  });

  it("T28 no query for Bulk has an order or a limit", async () => {
    const at = await start({ org: { rows: { Contact: 500 } } });
    const source = at.source({ relationships: [], bulkMinRows: 10 });
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    await reader.run();
    at.control.updateMany("Contact", undefined, { LastName: "New" });
    at.runtime.advance(HOUR);
    await reader.run();
    const jobs = at.control.requests({ method: "POST", path: "/jobs/query$" }).map(({ body }) => JSON.stringify(body));
    expect(jobs).toHaveLength(2);
    expect(jobs.join()).not.toMatch(/ORDER BY|LIMIT/);
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("T29 an object that Bulk does not take is read by REST, and only that one", async () => {
    const at = await start({
      org: { rows: { Contact: 50 }, customObjects: [{ name: "Boat", rows: 60, bulk: false }] },
    });
    const boats = at.source({ object: "Boat__c", relationships: [], bulkMinRows: 10 });
    const pages = await readAll(boats, await streamOf(boats));
    expect(keysOf(pages)).toHaveLength(60);
    expect(noticesOf(pages).join()).toContain("does not take it");
    const contacts = at.source({ relationships: [], bulkMinRows: 10 });
    await readAll(contacts, await streamOf(contacts));
    expect(downloads(at.calls())).toHaveLength(1);
  });

  it("REST reads when no Bulk job is left for today", async () => {
    const at = await start({ org: { rows: { Contact: 500 } }, bulkJobsPerDay: 0 });
    const source = at.source({ relationships: [], bulkMinRows: 10 });
    const pages = await readAll(source, await streamOf(source));
    expect(keysOf(pages)).toHaveLength(500);
    expect(noticesOf(pages).join()).toMatch(/REST reads it instead/);
  });

  it("T27 one that runs out of time is asked for again in shorter spans", async () => {
    const at = await start({ org: { rows: { Contact: 900 } } });
    const source = at.source(BULK);
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    await reader.run();
    for (const [index, { id }] of at.control.rows({ object: "Contact" }).entries()) {
      at.control.update(id, { LastName: `n${index}` }, { atMs: at.runtime.now() + index * 4000 });
    }
    at.runtime.advance(2 * HOUR);
    at.control.setKnobs({ bulkTimeoutRows: 300 });
    const pages = await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
    expect(noticesOf(pages).join()).toContain("shorter spans");
  });

  it("are removed by the next run, once their rows have landed, and not before", async () => {
    const at = await start({ org: { rows: { Contact: 500 } } });
    const source = at.source({ ...MANY, pageRows: 200 });
    const reader = createReader(source, await streamOf(source));
    const pages = await reader.run();
    expect(at.calls().some((call) => call.startsWith("DELETE"))).toBe(false);
    // A run that is killed when everything has been read and nothing has landed goes on with the same result.
    expect(keysOf(await readAll(source, await streamOf(source), pages[0]?.cursor))).not.toEqual([]);
    expect(at.control.requests({ method: "POST", path: "/jobs/query$" })).toHaveLength(1);
    const before = at.lastNumber();
    at.runtime.advance(HOUR);
    await reader.run();
    const [removal] = at.control.requests({ method: "DELETE", afterNumber: before });
    expect(removal?.status).toBe(204);
    at.runtime.advance(HOUR);
    await reader.run();
    expect(at.control.requests({ method: "DELETE", afterNumber: before })).toHaveLength(1);
  });

  it("what is left of a job is removed when the mapping has changed", async () => {
    const at = await start({ org: { rows: { Contact: 500 } } });
    const source = at.source({ ...BULK, pageRows: 100 });
    const reader = createReader(source, await streamOf(source));
    await reader.run(3);
    const other = await streamOf(source, ["Email"]);
    expect(keysOf(await readAll(source, other, reader.cursor()))).toHaveLength(500);
  });
});

describe("a Bulk read that was interrupted", () => {
  it("goes on in the middle of the same result, and checks that it is the same", async () => {
    const at = await start({ org: { rows: { Contact: 1000 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400, pageRows: 90 });
    const stream = await streamOf(source, ["LastName"]);
    for (let stop = 1; stop <= 14; stop += 1) {
      const reader = createReader(source, stream);
      const before = await reader.run(stop);
      const after = await reader.run();
      expect(rowsOf(before).length + rowsOf(after).length).toBe(1000);
      expect(missingOf(at, reader)).toEqual([]);
    }
    expect(at.control.requests({ method: "POST", path: "/jobs/query$" })).toHaveLength(14);
  });

  it("begins anew when the job is gone", async () => {
    const at = await start({ org: { rows: { Contact: 1000 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400, pageRows: 90 });
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    await reader.run(4);
    at.runtime.advance(9 * DAY);
    expect(rowsOf(await reader.run()).length).toBeGreaterThanOrEqual(1000);
    expect(missingOf(at, reader)).toEqual([]);
  });

  it("begins anew when the row read last does not stand where it stood", async () => {
    const at = await start({ org: { rows: { Contact: 1000 } } });
    const source = at.source({ ...BULK, bulkPageRows: 400, pageRows: 90 });
    const stream = await streamOf(source, ["LastName"]);
    const reader = createReader(source, stream);
    await reader.run(4);
    const cursor = JSON.parse(
      JSON.stringify(reader.cursor()).replace(/"lastId":"\w+"/, '"lastId":"003000000000000AAA"'),
    );
    expect(keysOf(await readAll(source, stream, cursor))).toHaveLength(1000);
  });

  it("never lets an old result overwrite what was read after it", async () => {
    const at = await start({ org: { rows: { Contact: 300 } } });
    const source = at.source({ ...MANY, pageRows: 90, reconcileEveryMs: DAY });
    const reader = createReader(source, await streamOf(source, ["LastName"]));
    await reader.run();
    at.runtime.advance(DAY + HOUR);
    // The reconciliation is interrupted after its first rows; its result keeps the names of now.
    const pages = await reader.run(4);
    expect(JSON.stringify(lastCursor(pages))).toContain('"enumeration":{');
    at.control.updateMany("Contact", undefined, { LastName: "Newer" });
    at.runtime.advance(HOUR);
    await reader.run();
    expect(missingOf(at, reader)).toEqual([]);
  });
});
