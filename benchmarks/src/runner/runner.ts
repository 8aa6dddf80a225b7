import { mkdtemp, rm } from "node:fs/promises";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { firstLineOf, startChild, stopChild } from "../child.ts";
import type { Options } from "../options.ts";
import { inThousands, say, sayTable } from "../say.ts";
import { startDatabase } from "../throughput/database.ts";
import { readPeakMegabytes } from "../throughput/measure.ts";
import { type ManySyncs, prepareManySyncs } from "./many-syncs.ts";
import { type Began, followLog, loadPages, type RunnerLog } from "./watch-runner.ts";

const KEY = "sk_test_runner";
const HUBSPOT_TOKEN = "pat-eu1-stand-in";
const MINUTE_MS = 60_000;
/** Spread over most of the minute. */
const JITTER_MS = 50_000;
const MAX_CONCURRENT_RUNS = 20;
const PAGE_EVERY_MS = 100;
/** A row of a table chosen by chance changes so often, so that runs have something to do. */
const CHANGE_EVERY_MS = 50;
const BIN = fileURLToPath(new URL("../../../apps/runner/dist/bin.js", import.meta.url));

/** Many syncs of mixed size on one runner: no moment missed, memory, how fast the page answers meanwhile. */
export async function loadRunner(options: Pick<Options, "syncs" | "minutes">): Promise<void> {
  say(`## Runner: ${options.syncs} syncs every minute on one runner, for ${options.minutes} minutes\n`);
  const folder = await mkdtemp(join(tmpdir(), "benchmark-runner-"));
  const database = await startDatabase();
  const api = startChild(new URL("../throughput/api-process.ts", import.meta.url), [KEY]);
  const hubspot = startChild(new URL("./hubspot-process.ts", import.meta.url), [HUBSPOT_TOKEN]);
  try {
    const [apiUrl, hubspotUrl] = await Promise.all([firstLineOf(api), firstLineOf(hubspot)]);
    const many = await prepareManySyncs({
      syncs: options.syncs,
      folder,
      databaseUrl: database.url,
      apiUrl,
      hubspotUrl,
      hubspotToken: HUBSPOT_TOKEN,
      jitterMs: JITTER_MS,
      maxConcurrentRuns: MAX_CONCURRENT_RUNS,
    });
    await measureRunner({ folder, databaseUrl: database.url, many, minutes: options.minutes });
  } finally {
    await stopChild(hubspot);
    await stopChild(api);
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measurement {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly many: ManySyncs;
  readonly minutes: number;
}

async function measureRunner({ folder, databaseUrl, many, minutes }: Measurement): Promise<void> {
  const runner = spawn(process.execPath, [BIN, "serve", "--quiet"], {
    cwd: folder,
    env: { ...process.env, PERSONIZE_SECRET_KEY: KEY },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log = followLog(runner);
  const over = new AbortController();
  try {
    const url = await log.up;
    const upAt = Date.now();
    const paths = ["/", ...many.names.filter((_, at) => at % 29 === 0).map((name) => `/syncs/${name}`), "/quota"];
    const pages = loadPages(url, paths, PAGE_EVERY_MS, over.signal);
    const changes = changeRows(databaseUrl, many.tables, over.signal);
    // To the end of a minute, so that all of its moments have come and gone.
    const endsAt = Math.ceil(upAt / MINUTE_MS + minutes) * MINUTE_MS;
    await new Promise((resolve) => setTimeout(resolve, endsAt - Date.now()));
    over.abort();
    const [tookMs] = await Promise.all([pages, changes]);
    const peakMegabytes = readPeakMegabytes(runner.pid);
    report({ many, log, tookMs, peakMegabytes, minutes: Math.floor(endsAt / MINUTE_MS) - Math.ceil(upAt / MINUTE_MS) });
  } finally {
    over.abort();
    await stopChild(runner);
  }
}

interface Findings {
  readonly many: ManySyncs;
  readonly log: RunnerLog;
  readonly tookMs: readonly number[];
  readonly peakMegabytes: number | null;
  /** Whole minutes, each of which has one moment of every sync. */
  readonly minutes: number;
}

function report({ many, log, tookMs, peakMegabytes, minutes }: Findings): void {
  const began = many.names.map((name) => log.began.get(name) ?? []);
  const all = began.flat();
  const moments = many.names.length * minutes;
  const missed = began.reduce((sum, runs) => sum + Math.max(0, minutes - coveredBy(runs)), 0);
  const late = all.map(({ lateMs }) => lateMs);
  const ms = (value: number): string => `${inThousands(value)} ms`;
  sayTable([
    {
      syncs: inThousands(many.names.length),
      rows: inThousands(many.rows),
      moments: inThousands(moments),
      runs: inThousands(all.length),
      missed: String(missed),
      failed: String(log.failures()),
      "late p50": ms(quantile(late, 0.5)),
      "late p95": ms(quantile(late, 0.95)),
      "page p50": ms(quantile(tookMs, 0.5)),
      "page p95": ms(quantile(tookMs, 0.95)),
      pages: inThousands(tookMs.length),
      "peak memory MB": peakMegabytes === null ? "" : inThousands(peakMegabytes),
    },
  ]);
}

/** Moments that a run answers: one that came while another was going on is answered by the run after it. */
function coveredBy(runs: readonly Began[]): number {
  return runs.filter(({ trigger }) => trigger === "schedule" || trigger === "again").length;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

async function changeRows(databaseUrl: string, tables: readonly string[], signal: AbortSignal): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  for (let change = 0; !signal.aborted; change += 1) {
    const table = tables[(change * 7919) % tables.length];
    await client.query(`update ${table} set city = $1, updated_at = now() where id = $2`, [
      `City ${change}`,
      1 + (change % 20),
    ]);
    await new Promise((resolve) => setTimeout(resolve, CHANGE_EVERY_MS));
  }
  await client.end();
}
