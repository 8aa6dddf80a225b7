import { describeSource } from "@acme/sync-core/testing";
import { createHubspotHarness } from "./__fixtures__/conformance-harness.ts";

const cannot = {
  clearCursor: "HubSpot gives every record a modified date",
  beginLate:
    "HubSpot commits at once; what shows late is its search index, and every pass of this suite lets that lag pass",
  exactResume: "the exact pass reads an overlap again, and so does the live pass",
  sessions: "connections belong to a pool of the process, which all sources share",
};

describeSource("HubSpot contacts, by the exact and the live pass", {
  create: () => createHubspotHarness({ object: "contacts", live: true }),
  cannot,
  tiedRows: 1500,
});

describeSource("HubSpot contacts, by the exact pass alone, ties in another order each time", {
  create: () =>
    createHubspotHarness({
      object: "contacts",
      live: false,
      knobs: { tieOrder: "unstable", searchValues: "indexed", removedInSearch: "thinned", listPages: "thinned" },
    }),
  cannot,
  tiedRows: 1500,
  seed: 2,
});

describeSource("HubSpot notes, with ids compared as texts", {
  create: () => createHubspotHarness({ object: "notes", live: true, knobs: { idOrder: "text" } }),
  cannot,
  tiedRows: 1500,
  seed: 3,
});

describeSource("a custom object of HubSpot", {
  create: () => createHubspotHarness({ object: "p4242_car", live: true, knobs: { emptyValue: "omitted" } }),
  cannot,
  tiedRows: 1500,
  seed: 4,
});
