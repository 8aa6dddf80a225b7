/**
 * `pnpm demo`: the main job on embedded parts. A real PostgreSQL server, the Personize stand-in, and the connector's own
 * command line between them, as a user would run it. Exits 0 only if everything is as it says.
 */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeCustomers } from "./customers.ts";
import { startDatabase } from "./database.ts";
import { KEY, playDemo, readReceipts, sum } from "./stage.ts";

const ROWS = 5000;
const SEED = 2026;

await playDemo(async ({ folder, say, expect, ends, startPersonize, connector: createConnector, mustExit }) => {
  say("Starting a real PostgreSQL server and a stand-in for the Personize API (nothing leaves this machine) …");
  const database = await startDatabase();
  ends(() => database.stop());
  const api = await startPersonize();
  const connector = createConnector("connector-postgres", {
    PERSONIZE_SECRET_KEY: KEY,
    PERSONIZE_BASE_URL: api.url,
    DATABASE_URL: database.url,
  });
  await copyFile(fileURLToPath(new URL("../postgres.config.yaml", import.meta.url)), join(folder, "sync.config.yaml"));

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
  expect(
    `${ROWS - withoutEmail} records, one for every row with an email address`,
    first.records === ROWS - withoutEmail,
  );
  expect(`${withoutEmail} rows are parked with a reason, none is lost`, first.rowsReceived === ROWS - withoutEmail);
  expect("no request was refused for coming too fast", sum(first.rateLimited) === 0);

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
  const receipt = (await readReceipts(connector)).get("customers");
  const second = api.control.counts();
  say("\nWhat the second run did:");
  expect("30 rows were sent, and only those", second.rowsReceived - first.rowsReceived === 30);
  expect("5 records are new", second.records - first.records === 5);
  const extracted = second.aiCharacters - first.aiCharacters;
  expect(
    `AI read ${extracted} characters: the changed and the new notes, nothing else`,
    extracted === Number(newText.rows[0]?.characters),
  );
  const moved = api.control.record({ type: "contact", email: "customer100@example.com" });
  expect("a customer who moved city is up to date", moved?.values["city"] === "Genève");
  const called = api.control.record({ type: "contact", email: "customer200@example.com" });
  expect(
    "a new note became a memory",
    called?.memories.some((memory) => memory.includes("Called back on Friday")) === true,
  );

  await mustExit(0, connector.show("status"));
  say("\nThe receipt of the second run:");
  say(JSON.stringify(receipt, null, 2));
  expect("the receipt says the same: 30 sent, 30 landed", receipt?.rows.sent === 30 && receipt.rows.landed === 30);
});
