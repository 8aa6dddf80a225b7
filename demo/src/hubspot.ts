/**
 * `pnpm demo:hubspot`: a sample portal with contacts, companies, deals and notes on the HubSpot stand-in, the Personize stand-in,
 * and the connector's own command line between them, from `init` on. Exits 0 only if everything is as it says.
 */
import { startHubspotApi } from "@acme/hubspot-api";
import { defaultCollections } from "@acme/personize-api";
import { hubspotCollections } from "./hubspot-collections.ts";
import { KEY, playDemo, readReceipts } from "./stage.ts";

const CONTACTS = 1200;
const COMPANIES = 240;
const DEALS = 300;
const NOTES = 150;
const RECORDS = CONTACTS + COMPANIES + DEALS + NOTES;

await playDemo(async ({ say, expect, ends, startPersonize, connector: createConnector, mustExit }) => {
  say("Starting stand-ins for the HubSpot API and for the Personize API (nothing leaves this machine) …");
  const hubspot = await startHubspotApi({
    portal: { contacts: CONTACTS, companies: COMPANIES, deals: DEALS, notes: NOTES },
    // A change can be found by a search only later, as at HubSpot.
    indexLagMs: { minMs: 200, maxMs: 2000 },
  });
  ends(() => hubspot.close());
  const api = await startPersonize({
    organizations: [{ keys: [KEY], plan: "unlimited", collections: [...defaultCollections, ...hubspotCollections] }],
  });
  const connector = createConnector("connector-hubspot", {
    PERSONIZE_SECRET_KEY: KEY,
    PERSONIZE_BASE_URL: api.url,
    HUBSPOT_TOKEN: "pat-eu1-stand-in",
    HUBSPOT_BASE_URL: hubspot.url,
  });
  const portal = hubspot.control;
  say(`The portal holds ${CONTACTS} contacts, ${COMPANIES} companies, ${DEALS} deals and ${NOTES} notes.`);

  await mustExit(0, connector.show("init", "--set", "baseUrl=${HUBSPOT_BASE_URL}"));
  await mustExit(0, connector.show("check"));
  await mustExit(0, connector.show("plan"));
  await mustExit(0, connector.show("sync"));
  await mustExit(0, connector.show("verify", "--sample", "10"));

  const first = api.control.counts();
  const firstCalls = portal.counts().requests;
  say("\nWhat the other side holds now:");
  expect(`${RECORDS} records, one for every record of the portal`, first.records === RECORDS);
  const [note] = portal.records({ type: "notes", limit: 1 });
  const remembered = api.control.record({
    type: "note",
    customKeyName: "hubspot_note_id",
    customKeyValue: note?.id ?? "",
  });
  expect("what people wrote into notes became memories", (remembered?.memories.length ?? 0) > 0);

  say("\nNow 12 people change their job, 5 deals are won, 3 notes are written and 2 companies are new …");
  const contacts = portal.records({ type: "contacts", limit: 12 });
  for (const { id } of contacts) portal.update("contacts", id, { jobtitle: "Chief Memory Officer" });
  const open = portal.records({ type: "deals" }).filter(({ properties }) => properties["dealstage"] !== "closedwon");
  const deals = open.slice(0, 5);
  for (const { id } of deals) portal.update("deals", id, { dealstage: "closedwon" });
  const written = ["Wants to renew in spring.", "Asked for a demo.", "Prefers email."].map((text) =>
    portal.create("notes", { hs_note_body: `<p>${text}</p>`, hs_timestamp: new Date().toISOString() }),
  );
  for (const name of ["Nordlicht", "Kiku"]) {
    portal.create("companies", { name, domain: `${name.toLowerCase()}.example` });
  }
  say("… and HubSpot's search takes two seconds to know it.");
  await new Promise((resolve) => setTimeout(resolve, 2500));

  await mustExit(0, connector.show("sync"));
  const receipts = await readReceipts(connector);
  const second = api.control.counts();
  say("\nWhat the second run did:");
  expect("22 rows were sent, and only those", second.rowsReceived - first.rowsReceived === 22);
  expect("5 records are new", second.records - first.records === 5);
  const promoted = api.control.record({ type: "contact", email: contacts[0]?.properties["email"] ?? "" });
  expect("a contact with a new job is up to date", promoted?.values["job_title"] === "Chief Memory Officer");
  const won = api.control.record({
    type: "deal",
    customKeyName: "hubspot_deal_id",
    customKeyValue: deals[0]?.id ?? "",
  });
  expect("a deal that was won is up to date", won?.values["stage"] === "closedwon");
  const renewal = api.control.record({
    type: "note",
    customKeyName: "hubspot_note_id",
    customKeyValue: written[0] ?? "",
  });
  expect(
    "a new note became a memory",
    renewal?.memories.some((memory) => memory.includes("Wants to renew in spring")) === true,
  );
  const calls = portal.counts().requests - firstCalls;
  expect(`${calls} calls to HubSpot for four objects, descriptions included`, calls <= 50);

  await mustExit(0, connector.show("status"));
  say("\nThe receipt of the second run of contacts:");
  say(JSON.stringify(receipts.get("contacts"), null, 2));
});
