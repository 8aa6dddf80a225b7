import type { CollectionSeed } from "@acme/personize-api";

/** What an organisation creates in Personize before it takes in opportunities and tasks: the names are those of `init`. */
export const salesforceCollections: readonly CollectionSeed[] = [
  {
    collectionName: "Deals",
    entityType: "deal",
    description: "Opportunities, keyed by Salesforce's id.",
    properties: [
      { propertyName: "Name", systemName: "name", type: "text" },
      { propertyName: "Amount", systemName: "amount", type: "number" },
      { propertyName: "Stage", systemName: "stage", type: "text" },
      { propertyName: "Close Date", systemName: "close_date", type: "date" },
      { propertyName: "Owner", systemName: "owner", type: "text" },
      { propertyName: "Description", systemName: "description", type: "text" },
    ],
  },
  {
    collectionName: "Notes",
    entityType: "note",
    description: "Comments of tasks, keyed by Salesforce's id.",
    properties: [
      { propertyName: "Body", systemName: "body", type: "text" },
      { propertyName: "Subject", systemName: "subject", type: "text" },
      { propertyName: "Occurred At", systemName: "occurred_at", type: "date" },
    ],
  },
];
