import { freeText, type ReadyMapping, sameThing, type Starter } from "@acme/sync-core";

const contacts: ReadyMapping = {
  stream: "contacts",
  entityType: "contact",
  identity: {
    kind: "email",
    keyName: null,
    sourceField: "email",
    reason: "one record for every email address; contacts without one are parked",
  },
  collectionName: "Contacts Standard Schema",
  properties: [
    sameThing("first_name", "firstname"),
    sameThing("last_name", "lastname"),
    sameThing("phone", "phone"),
    sameThing("job_title", "jobtitle"),
    sameThing("company", "company", "what the contact wrote; associations.companies holds the ids of real companies"),
    sameThing("website", "website"),
    sameThing("city", "city"),
    sameThing("postal_code", "zip"),
    sameThing("country", "country"),
    sameThing("lifecycle_stage", "lifecyclestage"),
    sameThing("lead_source", "hs_analytics_source"),
    freeText("notes", "message", "what the contact wrote into a form", "Generated Content"),
  ],
};

const companies: ReadyMapping = {
  stream: "companies",
  entityType: "company",
  identity: {
    kind: "website",
    keyName: null,
    sourceField: "domain",
    reason: "one record for every domain; companies without one are parked",
  },
  collectionName: "Companies Standard Schema",
  properties: [
    sameThing("name", "name"),
    sameThing("industry", "industry"),
    sameThing("phone", "phone"),
    sameThing("city", "city"),
    sameThing("country", "country"),
    sameThing("employees", "numberofemployees"),
    sameThing("annual_revenue", "annualrevenue"),
    sameThing("founded_year", "founded_year"),
    sameThing("lifecycle_stage", "lifecyclestage"),
    freeText("description", "description", "prose about the company"),
  ],
};

const deals: ReadyMapping = {
  stream: "deals",
  entityType: "deal",
  identity: {
    kind: "customKey",
    keyName: "hubspot_deal_id",
    sourceField: "hs_object_id",
    reason: "a deal has no address of its own; HubSpot's id never changes",
  },
  collectionName: "Deals",
  properties: [
    sameThing("name", "dealname"),
    sameThing("amount", "amount"),
    sameThing("currency", "deal_currency_code"),
    sameThing("pipeline", "pipeline"),
    sameThing("stage", "dealstage", "the stage's internal name"),
    sameThing("close_date", "closedate"),
    sameThing("companies", "associations.companies", "ids of the companies it belongs to"),
    sameThing("contacts", "associations.contacts", "ids of the contacts it belongs to"),
    freeText("description", "description", "prose about the deal"),
  ],
};

const notes: ReadyMapping = {
  stream: "notes",
  entityType: "note",
  identity: {
    kind: "customKey",
    keyName: "hubspot_note_id",
    sourceField: "hs_object_id",
    reason: "a note has no address of its own; HubSpot's id never changes",
  },
  collectionName: "Notes",
  properties: [
    freeText("body", "hs_note_body", "what people wrote down, as HTML"),
    sameThing("occurred_at", "hs_timestamp", "when it happened"),
    sameThing("contacts", "associations.contacts", "ids of the contacts it is about"),
    sameThing("companies", "associations.companies", "ids of the companies it is about"),
    sameThing("deals", "associations.deals", "ids of the deals it is about"),
  ],
};

/** What `init` begins with. Properties by HubSpot's internal names; those that an account lacks are left out. */
export const hubspotStarter: Starter = {
  source: { token: "${HUBSPOT_TOKEN}" },
  stream: { option: "object", example: "contacts" },
  keyOption: null,
  cursorOption: null,
  mappings: [contacts, companies, deals, notes],
};
