import type { CollectionSeed } from "@acme/personize-api";

/** What an organisation creates in Personize before it takes in deals and notes: the names are those of `init`. */
export const hubspotCollections: readonly CollectionSeed[] = [
  {
    collectionName: "Deals",
    entityType: "deal",
    description: "Deals, keyed by HubSpot's id.",
    properties: [
      { propertyName: "Name", systemName: "name", type: "text" },
      { propertyName: "Amount", systemName: "amount", type: "number" },
      { propertyName: "Currency", systemName: "currency", type: "text" },
      { propertyName: "Pipeline", systemName: "pipeline", type: "text" },
      { propertyName: "Stage", systemName: "stage", type: "text" },
      { propertyName: "Close Date", systemName: "close_date", type: "date" },
      { propertyName: "Companies", systemName: "companies", type: "array" },
      { propertyName: "Contacts", systemName: "contacts", type: "array" },
      { propertyName: "Description", systemName: "description", type: "text" },
    ],
  },
  {
    collectionName: "Notes",
    entityType: "note",
    description: "What people wrote down, keyed by HubSpot's id.",
    properties: [
      { propertyName: "Body", systemName: "body", type: "text" },
      { propertyName: "Occurred At", systemName: "occurred_at", type: "date" },
      { propertyName: "Contacts", systemName: "contacts", type: "array" },
      { propertyName: "Companies", systemName: "companies", type: "array" },
      { propertyName: "Deals", systemName: "deals", type: "array" },
    ],
  },
];
