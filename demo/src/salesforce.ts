/**
 * `pnpm demo:salesforce`: a sample org with contacts, accounts, opportunities and tasks on the Salesforce stand-in, the Personize
 * stand-in, and the connector's own command line between them, from `init` on. Exits 0 only if everything is as it says.
 */
import { defaultCollections } from "@acme/personize-api";
import { startSalesforceApi } from "@acme/salesforce-api";
import { salesforceCollections } from "./salesforce-collections.ts";
import { KEY, playDemo, readReceipts } from "./stage.ts";

const CONTACTS = 1500;
const ACCOUNTS = 200;
const OPPORTUNITIES = 300;
const TASKS = 150;
const HOUR_MS = 3_600_000;

await playDemo(async ({ say, expect, ends, startPersonize, connector: createConnector, mustExit }) => {
  say("Starting stand-ins for the Salesforce API and for the Personize API (nothing leaves this machine) …");
  const salesforce = await startSalesforceApi({
    org: { rows: { Contact: CONTACTS, Account: ACCOUNTS, Opportunity: OPPORTUNITIES, Task: TASKS } },
  });
  ends(() => salesforce.close());
  const api = await startPersonize({
    organizations: [{ keys: [KEY], plan: "unlimited", collections: [...defaultCollections, ...salesforceCollections] }],
  });
  const connector = createConnector("connector-salesforce", {
    PERSONIZE_SECRET_KEY: KEY,
    PERSONIZE_BASE_URL: api.url,
    SALESFORCE_LOGIN_URL: salesforce.url,
    SALESFORCE_CLIENT_ID: "stand-in-client",
    SALESFORCE_CLIENT_SECRET: "stand-in-secret",
  });
  const org = salesforce.control;
  for (const [index, { id }] of org.rows({ object: "Contact", fields: [] }).entries()) {
    org.update(id, { Email: `person.${index}@people.example` }, { touch: "none" });
  }
  for (const [index, { id }] of org.rows({ object: "Account", fields: [] }).entries()) {
    org.update(id, { Website: `https://company-${index}.example` }, { touch: "none" });
  }
  say(`The org holds ${CONTACTS} contacts, ${ACCOUNTS} accounts, ${OPPORTUNITIES} opportunities and ${TASKS} tasks.`);

  await mustExit(0, connector.show("init"));
  await mustExit(0, connector.show("check"));
  await mustExit(0, connector.show("plan"));
  await mustExit(0, connector.show("sync"));
  await mustExit(0, connector.show("verify", "--sample", "10"));

  const first = api.control.counts();
  say("\nWhat the other side holds now:");
  const count = (type: string): number => api.control.records({ type }).length;
  expect(`${CONTACTS} contacts`, count("contact") === CONTACTS);
  expect(`${ACCOUNTS} companies`, count("company") === ACCOUNTS);
  expect(`${OPPORTUNITIES} deals`, count("deal") === OPPORTUNITIES);

  say("\nNow 12 people get another title, 5 opportunities are won, and 3 contacts are new …");
  org.advanceClock(HOUR_MS);
  const promoted = org.rows({ object: "Contact", limit: 12 });
  for (const { id } of promoted) org.update(id, { Title: "Chief Memory Officer" });
  const won = org.rows({ object: "Opportunity" }).filter(({ values }) => values["StageName"] !== "Closed Won");
  for (const { id } of won.slice(0, 5)) org.update(id, { StageName: "Closed Won" });
  for (const name of ["Ada", "Grace", "Mary"]) {
    org.create("Contact", { FirstName: name, LastName: "New", Email: `${name.toLowerCase()}@new.example` });
  }
  say("… and an hour passes: changes are read some minutes after they were made.");
  org.advanceClock(HOUR_MS);

  await mustExit(0, connector.show("sync"));
  const receipts = await readReceipts(connector);
  const second = api.control.counts();
  say("\nWhat the second run did:");
  expect("20 rows were sent, and only those", second.rowsReceived - first.rowsReceived === 20);
  expect("3 records are new", second.records - first.records === 3);
  const [one] = promoted;
  const address = one?.values["Email"];
  const record = api.control.record({ type: "contact", email: typeof address === "string" ? address : "" });
  expect("a contact with a new title is up to date", record?.values["job_title"] === "Chief Memory Officer");

  await mustExit(0, connector.show("status"));
  say("\nThe receipt of the second run of contacts:");
  say(JSON.stringify(receipts.get("Contact") ?? receipts.get("contact"), null, 2));
});
