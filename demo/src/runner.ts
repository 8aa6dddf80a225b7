/**
 * `pnpm demo:runner`: the runner over sample sources. A real PostgreSQL server, stand-ins for HubSpot and Personize, and
 * `runner serve` between them, until Control-C. Opens nothing by itself.
 */
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startHubspotApi } from "@acme/hubspot-api";
import { startPersonizeApi } from "@acme/personize-api";
import { makeCustomers } from "./customers.ts";
import { startDatabase } from "./database.ts";

const ROWS = 2000;
const SEED = 2026;
const KEY = "sk_test_demo";
const HUBSPOT_TOKEN = "pat-eu1-stand-in";
/** One customer moves every so often, so that there is something to see. */
const MOVE_EVERY_MS = 5000;
const CITIES = ["Genève", "København", "Łódź", "Málaga", "Zürich"];

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const endings: (() => Promise<unknown> | void)[] = [];
process.exitCode = await play().catch((error: unknown) => {
  say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
for (const end of endings.toReversed()) await end();

async function play(): Promise<number> {
  say("Starting a real PostgreSQL server and stand-ins for HubSpot and Personize (nothing leaves this machine) …");
  const folder = await mkdtemp(join(tmpdir(), "runner-demo-"));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const database = await startDatabase();
  endings.push(() => database.stop());
  // A Control-C reaches PostgreSQL, too, which then ends before we do.
  database.client.on("error", () => undefined);
  const personize = await startPersonizeApi({
    organizations: [{ keys: [KEY], plan: "unlimited" }],
    landingDelayMs: { minMs: 700, maxMs: 1500 },
  });
  endings.push(() => personize.close());
  const hubspot = await startHubspotApi({ portal: { contacts: 500 } });
  endings.push(() => hubspot.close());
  await database.insert(makeCustomers(1, ROWS, SEED));
  await copyFile(fileURLToPath(new URL("../runner.config.yaml", import.meta.url)), join(folder, "sync.config.yaml"));
  const moving = setInterval(() => {
    const city = CITIES[Math.floor(Date.now() / MOVE_EVERY_MS) % CITIES.length];
    const id = 1 + (Math.floor(Date.now() / MOVE_EVERY_MS) % ROWS);
    database.client
      .query("update customers set city = $1, updated_at = now() where id = $2", [city, id])
      .catch((error: unknown) => say(String(error)));
  }, MOVE_EVERY_MS);
  endings.push(() => clearInterval(moving));

  say(`${ROWS} customers in PostgreSQL, 500 contacts in HubSpot, four syncs: three by schedule, one by hand.`);
  say("Control-C stops the demo. The log follows; the page needs no signing in from this machine:");
  const runner = spawn(
    process.execPath,
    [fileURLToPath(new URL("../../apps/runner/dist/bin.js", import.meta.url)), "serve", ...process.argv.slice(2)],
    {
      cwd: folder,
      env: {
        ...process.env,
        PERSONIZE_SECRET_KEY: KEY,
        PERSONIZE_BASE_URL: personize.url,
        DATABASE_URL: database.url,
        HUBSPOT_TOKEN,
        HUBSPOT_BASE_URL: hubspot.url,
      },
      stdio: ["ignore", "inherit", "inherit"],
      // Out of reach of the terminal's Control-C, which comes through us: twice would be "at once".
      detached: true,
    },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void runner.kill(signal));
  return new Promise((resolve, reject) => {
    runner.once("error", reject);
    runner.once("close", (code) => resolve(code ?? 1));
  });
}
