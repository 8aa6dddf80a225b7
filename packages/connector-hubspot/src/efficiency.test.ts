import { createReader, keysOf, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { HOUR, MINUTE, startPortal, type TestPortal, TODAY } from "./__fixtures__/portal.ts";

/** Calls per 1,000 rows beside the least that HubSpot's limits a call allow. Everything counts: also what is asked before the first row. */

const ROWS = 10_000;
const LIST = 1000 / 100;
const SEARCH = 1000 / 200;
const BATCH = 1000 / 100;
const ASSOCIATIONS = 1000 / 1000;

let portal: TestPortal | null = null;
afterEach(async () => {
  await portal?.stop();
  portal = null;
});

interface Figure {
  readonly callsPerThousand: number;
  readonly leastPerThousand: number;
  readonly share: number;
}

function figure({ control }: TestPortal, before: number, rows: number, least: number): Figure {
  const callsPerThousand = ((control.counts().requests - before) / rows) * 1000;
  return { callsPerThousand, leastPerThousand: least, share: least / callsPerThousand };
}

async function measure(
  fields: readonly string[],
  leastFirst: number,
  leastChanged: number,
): Promise<readonly Figure[]> {
  const at = await startPortal({ portal: { contacts: ROWS, companies: 10, fullSchemas: fields.length > 20 } });
  portal = at;
  const hubspot = at.source({ live: false, requestTimeoutMs: 60_000 });
  const reader = createReader(hubspot, await streamOf(hubspot, fields));
  await reader.run();
  expect(reader.held.size).toBe(ROWS);
  const first = figure(at, 0, ROWS, leastFirst);
  let index = 0;
  for (const { id } of at.control.eachRecord({ type: "contacts" })) {
    // As people and workflows write: several a second, and one millisecond in ten shared by two.
    at.control.update("contacts", id, { firstname: "x" }, { atMs: TODAY + MINUTE + Math.floor(index * 0.9) * 150 });
    index += 1;
  }
  at.runtime.advance(3 * HOUR);
  const before = at.control.counts().requests;
  expect(new Set(keysOf(await reader.run())).size).toBe(ROWS);
  expect(at.control.counts().rateLimited).toEqual({});
  return [first, figure(at, before, ROWS, leastChanged)];
}

describe("calls per 1,000 rows", () => {
  it.each([
    ["a handful of properties", ["firstname", "email"], LIST, SEARCH + BATCH],
    [
      "with an association",
      ["firstname", "associations.companies"],
      LIST + ASSOCIATIONS,
      SEARCH + BATCH + ASSOCIATIONS,
    ],
  ] as const)("%s: at least nine tenths of the best there is", async (_name, fields, first, changed) => {
    const figures = await measure(fields, first, changed);
    for (const { share } of figures) expect(share).toBeGreaterThanOrEqual(0.9);
  });

  it("more properties than fit into an address: ids by list, values by batch", async () => {
    const at = await startPortal({ portal: { contacts: 3000 } });
    portal = at;
    const hubspot = at.source();
    const [stream] = await hubspot.streams(new AbortController().signal);
    if (stream === undefined) throw new Error("no stream");
    const fields = stream.fields.filter((field) => !field.name.startsWith("associations."));
    const reader = createReader(hubspot, { ...stream, fields });
    await reader.run();
    expect(reader.held.size).toBe(3000);
    expect(figure(at, 0, 3000, LIST + BATCH).share).toBeGreaterThanOrEqual(0.85);
  });

  it("a run without changes costs a handful of calls", async () => {
    const at = await startPortal({ portal: { contacts: 3000, fullSchemas: false } });
    portal = at;
    const hubspot = at.source();
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    at.runtime.advance(2 * HOUR);
    const before = at.control.counts().requests;
    await reader.run();
    expect(at.control.counts().requests - before).toBeLessThanOrEqual(5);
  });
});
