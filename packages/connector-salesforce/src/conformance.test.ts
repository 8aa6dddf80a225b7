import { describeSource } from "@acme/sync-core/testing";
import { createSalesforceHarness } from "./__fixtures__/conformance-harness.ts";

const cannot = {
  clearCursor: "Salesforce sets the stamp of every record",
  emptyText: "Salesforce keeps an empty text as null",
  sessions: "idle connections belong to the process, which closes them after some seconds",
};

describeSource("a Salesforce object read by REST", {
  create: () => createSalesforceHarness({ transport: "rest" }, true),
  cannot: { ...cannot, exactResume: "an overlap is read again, for rows that surface late" },
});

describeSource("a Salesforce object read by Bulk", {
  create: () => createSalesforceHarness({ transport: "bulk", bulkPageRows: 50 }, true),
  cannot: { ...cannot, exactResume: "an overlap is read again, for rows that surface late" },
  seed: 2,
});

describeSource("a Salesforce object that is compared in full", {
  create: () => createSalesforceHarness({}, false),
  cannot: { ...cannot, ties: "nothing shows when a record changed", beginLate: "nothing shows when a record changed" },
  seed: 3,
});
