import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HubspotApi, startHubspotApi } from "@acme/hubspot-api";
import { startChild } from "../child.ts";
import { startPersonizeSide } from "../personize-side.ts";
import { inPercent, inThousands, say, sayTable } from "../say.ts";
import { measure } from "../throughput/measure.ts";

const bin = new URL("../../../packages/connector-hubspot/dist/bin.js", import.meta.url);
const KEY = "sk_test_source_calls";
const TOKEN = "pat-eu1-stand-in";
const HOUR_MS = 3_600_000;
/** Several changes a second, and one millisecond in ten shared by two: as people and workflows write. */
const CHANGE_EVERY_MS = 150;

/** The least calls for a thousand records: what HubSpot gives in one call at most. */
const LIST = 1000 / 100;
const SEARCH = 1000 / 200;
const BATCH_READ = 1000 / 100;
const ASSOCIATIONS = 1000 / 1000;

interface Shape {
  readonly name: string;
  readonly properties: readonly string[];
  readonly leastFirst: number;
  readonly leastChanged: number;
}

const shapes: readonly Shape[] = [
  {
    name: "five properties",
    properties: ["firstname", "lastname", "city", "jobtitle", "phone"],
    leastFirst: LIST,
    leastChanged: SEARCH + BATCH_READ,
  },
  {
    name: "five properties and the companies of each",
    properties: ["firstname", "lastname", "city", "jobtitle", "associations.companies"],
    leastFirst: LIST + ASSOCIATIONS,
    leastChanged: SEARCH + BATCH_READ + ASSOCIATIONS,
  },
];

const TARGETS = ["first_name", "last_name", "city", "job_title", "company"];

/** Calls to HubSpot per 1,000 records beside the least that its limits a call allow: a first load, every record changed, and nothing changed. */
export async function countSourceCalls(records: number): Promise<void> {
  say(`## Source calls: ${inThousands(records)} HubSpot contacts\n`);
  const table: Record<string, string>[] = [];
  for (const shape of shapes) table.push(...(await countShape(shape, records)));
  sayTable(table);
}

async function countShape(shape: Shape, records: number): Promise<readonly Record<string, string>[]> {
  const side = await startPersonizeSide(KEY);
  // What is written and read at once would show as repeats; the lag of the index is for tests.
  const hubspot = await startHubspotApi({
    portal: { contacts: records, companies: Math.ceil(records / 10), fullSchemas: false },
    requestLogSize: 0,
  });
  try {
    await writeConfig(side.folder, side.apiUrl, hubspot.url, shape.properties);
    const rows = [await run(shape.name, "first load", records, shape.leastFirst, side.folder, hubspot)];
    changeAll(hubspot);
    rows.push(await run(shape.name, "all changed", records, shape.leastChanged, side.folder, hubspot));
    hubspot.control.advanceClock(2 * HOUR_MS);
    rows.push(await run(shape.name, "nothing changed", 0, 0, side.folder, hubspot));
    return rows;
  } finally {
    await hubspot.close();
    await side.stop();
  }
}

/** The portal's clock goes on by as long as that takes people, and by two hours more. */
function changeAll({ control }: HubspotApi): void {
  const startMs = control.now() + 60_000;
  const ids = [...control.eachRecord({ type: "contacts", properties: [] })].map(({ id }) => id);
  control.advanceClock(ids.length * CHANGE_EVERY_MS + 2 * HOUR_MS);
  for (const [index, id] of ids.entries()) {
    control.update(
      "contacts",
      id,
      { jobtitle: "Everybody's" },
      { atMs: startMs + Math.floor(index * 0.9) * CHANGE_EVERY_MS },
    );
  }
}

async function writeConfig(
  folder: string,
  apiUrl: string,
  hubspotUrl: string,
  fields: readonly string[],
): Promise<void> {
  const collectionName = "Contacts Standard Schema";
  const config = {
    personize: { secretKey: KEY, baseUrl: apiUrl },
    syncs: {
      contacts: {
        connector: "hubspot",
        // Sweeps have schedules of their own and costs that do not grow with the changes: the README of the connector names them.
        source: {
          token: TOKEN,
          baseUrl: hubspotUrl,
          object: "contacts",
          archivedEveryMs: false,
          mergedEveryMs: false,
          associationsEveryMs: false,
          reconcileEveryMs: false,
        },
        mapping: {
          entityType: "contact",
          email: "email",
          properties: Object.fromEntries(
            fields.map((sourceField, index) => [TARGETS[index], { sourceField, collectionName }]),
          ),
        },
      },
    },
  };
  await writeFile(join(folder, "sync.config.json"), JSON.stringify(config));
}

/** The connector's own command line, `sync`; everything it asks HubSpot counts, also what it asks before the first record. */
async function run(
  shape: string,
  what: string,
  records: number,
  least: number,
  folder: string,
  { control }: HubspotApi,
): Promise<Record<string, string>> {
  const before = control.counts();
  const measured = await measure(() => startChild(bin, ["sync", "--json", "--quiet"], { cwd: folder }));
  const { syncs }: { syncs: readonly { receipt: { rows: { read: number; landed: number } } }[] } = JSON.parse(
    measured.output,
  );
  const rows = syncs[0]?.receipt.rows;
  if (rows === undefined || rows.landed !== records) {
    throw new Error(`${shape}, ${what}: ${rows?.landed ?? "no"} of ${records} records landed`);
  }
  const after = control.counts();
  const calls = after.requests - before.requests;
  const perThousand = records === 0 ? null : (calls / records) * 1000;
  return {
    mapped: shape,
    "": what,
    records: inThousands(records),
    read: inThousands(rows.read),
    calls: inThousands(calls),
    "per 1,000": perThousand === null ? "" : perThousand.toFixed(2),
    "least possible": perThousand === null ? "" : least.toFixed(2),
    share: perThousand === null ? "" : inPercent(least / perThousand),
    "429s": String(sum(after.rateLimited) - sum(before.rateLimited)),
    seconds: measured.seconds.toFixed(1),
    "peak memory MB": measured.peakMegabytes === null ? "" : inThousands(measured.peakMegabytes),
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
