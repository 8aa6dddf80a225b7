/**
 * `pnpm demo`: the main job on embedded parts. A real PostgreSQL server, the Personize stand-in, and the connector's own
 * command line between them, as a user would run it. Exits 0 only if everything is as it says.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PersonizeApi, startPersonizeApi } from "@acme/personize-api";
import { type Connector, createConnector } from "./connector.ts";
import { makeCustomers } from "./customers.ts";
import { type Database, startDatabase } from "./database.ts";
import { createExpectations } from "./expect.ts";

const ROWS = 5000;
const SEED = 2026;
const KEY = "sk_test_demo";

interface Receipt {
  readonly runId: string;
  readonly message: string;
  readonly rows: Readonly<Record<"read" | "unchanged" | "sent" | "landed" | "parked" | "refused", number>>;
  readonly calls: number;
  readonly units: number;
  readonly aiCharacters: number;
}

const say = (line = ""): void => void process.stdout.write(`${line}\n`);
const expectations = createExpectations(say);
const startedAt = Date.now();
const folder = await mkdtemp(join(tmpdir(), "sync-demo-"));
let database: Database | null = null;
let api: PersonizeApi | null = null;
let connector: Connector | null = null;

async function cleanUp(): Promise<void> {
  connector?.stop();
  await api?.close();
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(code)));
}

try {
  await play();
} catch (error) {
  say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
if (!expectations.allHold()) process.exitCode = 1;
say(
  process.exitCode === 1
    ? "\nNot everything is as it should be."
    : `\nEverything is as it says. ${Math.round((Date.now() - startedAt) / 1000)} s in all.`,
);

async function play(): Promise<void> {
  say("Starting a real PostgreSQL server and a stand-in for the Personize API (nothing leaves this machine) …");
  database = await startDatabase();
  // No row-by-row pace here: the demo should not take the 84 minutes that 5,000 rows take on the Free plan.
  api = await startPersonizeApi({
    organizations: [{ keys: [KEY], plan: "unlimited" }],
    landingDelayMs: { minMs: 700, maxMs: 1500 },
  });
  connector = createConnector(folder, {
    PERSONIZE_SECRET_KEY: KEY,
    PERSONIZE_BASE_URL: api.url,
    DATABASE_URL: database.url,
  });
  await writeFile(
    join(folder, "sync.config.yaml"),
    await readFile(fileURLToPath(new URL("../sync.config.yaml", import.meta.url)), "utf8"),
  );

  const customers = makeCustomers(1, ROWS, SEED);
  const withoutEmail = customers.filter((customer) => customer.email === null).length;
  await database.insert(customers);
  say(`Filled table customers with ${ROWS} rows; ${withoutEmail} of them have no email address.`);

  await mustExit(0, connector.show("check"));
  await mustExit(0, connector.show("plan"));
  await mustExit(4, connector.show("sync"));
  await mustExit(0, connector.show("verify", "--sample", "25"));

  const first = api.control.counts();
  say("\nWhat the other side holds now:");
  expectations.that(
    `${ROWS - withoutEmail} records, one for every row with an email address`,
    first.records === ROWS - withoutEmail,
  );
  expectations.that(
    `${withoutEmail} rows are parked with a reason, none is lost`,
    first.rowsReceived === ROWS - withoutEmail,
  );
  expectations.that("no request was refused for coming too fast", sum(first.rateLimited) === 0);

  say("\nNow 15 customers move city, 10 get a new note, and 5 are new …");
  await database.client.query("update customers set city = 'Genève', updated_at = now() where id between 100 and 114");
  await database.client.query(
    "update customers set notes = coalesce(notes || ' ', '') || 'Called back on Friday.', updated_at = now() where id between 200 and 209",
  );
  await database.insert(
    makeCustomers(ROWS + 1, 5, SEED + 1).map((customer) => ({ ...customer, updated_at: new Date().toISOString() })),
  );
  const newText = await database.client.query<{ characters: string }>(
    "select sum(length(notes)) as characters from customers where id between 200 and 209 or id > $1",
    [ROWS],
  );

  await mustExit(0, connector.show("sync"));
  const { output } = await connector.ask("status");
  const last: { syncs: readonly { receipts: readonly Receipt[] }[] } = JSON.parse(output);
  const [receipt] = last.syncs[0]?.receipts ?? [];
  const second = api.control.counts();
  say("\nWhat the second run did:");
  expectations.that("30 rows were sent, and only those", second.rowsReceived - first.rowsReceived === 30);
  expectations.that("5 records are new", second.records - first.records === 5);
  const extracted = second.aiCharacters - first.aiCharacters;
  expectations.that(
    `AI read ${extracted} characters: the changed and the new notes, nothing else`,
    extracted === Number(newText.rows[0]?.characters),
  );
  const moved = api.control.record({ type: "contact", email: "customer100@example.com" });
  expectations.that("a customer who moved city is up to date", moved?.values["city"] === "Genève");
  const called = api.control.record({ type: "contact", email: "customer200@example.com" });
  expectations.that(
    "a new note became a memory",
    called?.memories.some((memory) => memory.includes("Called back on Friday")) === true,
  );

  await mustExit(0, connector.show("status"));
  say("\nThe receipt of the second run:");
  say(JSON.stringify(receipt, null, 2));
  expectations.that(
    "the receipt says the same: 30 sent, 30 landed",
    receipt?.rows.sent === 30 && receipt.rows.landed === 30,
  );
}

async function mustExit(code: number, invocation: Promise<{ exitCode: number }>): Promise<void> {
  const { exitCode } = await invocation;
  expectations.that(`exit code ${exitCode}`, exitCode === code);
  if (exitCode !== code) throw new Error(`a command ended with exit code ${exitCode}, expected ${code}`);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
