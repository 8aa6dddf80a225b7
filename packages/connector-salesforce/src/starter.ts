import { freeText, type ReadyMapping, type ReadyProperty, sameThing, type Starter } from "@acme/sync-core";

/** Of a parent: the record's stamp does not move when it changes. */
const ofParent = (property: string, sourceField: string): ReadyProperty =>
  sameThing(property, sourceField, "of a parent: read again once a day (calculatedEveryMs)");

const contacts: ReadyMapping = {
  stream: "Contact",
  entityType: "contact",
  identity: {
    kind: "email",
    keyName: null,
    sourceField: "Email",
    reason: "one record for every email address; contacts without one are parked",
  },
  collectionName: "Contacts Standard Schema",
  properties: [
    sameThing("first_name", "FirstName"),
    sameThing("last_name", "LastName"),
    sameThing("phone", "Phone"),
    sameThing("job_title", "Title"),
    ofParent("company", "Account.Name"),
    sameThing("city", "MailingCity"),
    sameThing("postal_code", "MailingPostalCode"),
    sameThing("country", "MailingCountry"),
    sameThing("lead_source", "LeadSource"),
    freeText("notes", "Description", "what people wrote about the contact", "Generated Content"),
  ],
};

const leads: ReadyMapping = {
  stream: "Lead",
  entityType: "contact",
  identity: {
    kind: "email",
    keyName: null,
    sourceField: "Email",
    reason: "one record for every email address; do not map what the sync of contacts writes, too",
  },
  collectionName: "Contacts Standard Schema",
  properties: [
    sameThing("lead_status", "Status"),
    sameThing("lead_rating", "Rating"),
    sameThing("lead_company", "Company", "what the lead wrote; not an account"),
    sameThing("lead_industry", "Industry"),
    freeText("lead_notes", "Description", "what people wrote about the lead", "Generated Content"),
  ],
};

const accounts: ReadyMapping = {
  stream: "Account",
  entityType: "company",
  identity: {
    kind: "website",
    keyName: null,
    sourceField: "Website",
    reason: "one record for every website; accounts without one are parked",
  },
  collectionName: "Companies Standard Schema",
  properties: [
    sameThing("name", "Name"),
    sameThing("industry", "Industry"),
    sameThing("phone", "Phone"),
    sameThing("city", "BillingCity"),
    sameThing("country", "BillingCountry"),
    sameThing("employees", "NumberOfEmployees"),
    sameThing("annual_revenue", "AnnualRevenue"),
    ofParent("owner", "Owner.Name"),
    freeText("description", "Description", "prose about the account"),
  ],
};

const opportunities: ReadyMapping = {
  stream: "Opportunity",
  entityType: "deal",
  identity: {
    kind: "customKey",
    keyName: "salesforce_opportunity_id",
    sourceField: "Id",
    reason: "an opportunity has no address of its own; Salesforce's id never changes",
  },
  collectionName: "Deals",
  properties: [
    sameThing("name", "Name"),
    sameThing("amount", "Amount"),
    sameThing("currency", "CurrencyIsoCode", "only in orgs with several currencies"),
    sameThing("stage", "StageName"),
    sameThing("close_date", "CloseDate"),
    ofParent("companies", "Account.Name"),
    ofParent("owner", "Owner.Name"),
    freeText("description", "Description", "prose about the opportunity"),
  ],
};

const tasks: ReadyMapping = {
  stream: "Task",
  entityType: "note",
  identity: {
    kind: "customKey",
    keyName: "salesforce_task_id",
    sourceField: "Id",
    reason: "a task has no address of its own; Salesforce's id never changes",
  },
  collectionName: "Notes",
  properties: [
    freeText("body", "Description", "the comments of the task: what was said and agreed"),
    sameThing("subject", "Subject"),
    sameThing("occurred_at", "ActivityDate", "when it was due"),
    sameThing("contacts", "WhoId", "id of the contact or lead it is about"),
    sameThing("companies", "WhatId", "id of the account, opportunity or other record it is about"),
  ],
};

/** What `init` begins with. Fields that an org lacks, or that the user may not see, are left out. */
export const salesforceStarter: Starter = {
  source: {
    loginUrl: "${SALESFORCE_LOGIN_URL}",
    clientCredentials: { clientId: "${SALESFORCE_CLIENT_ID}", clientSecret: "${SALESFORCE_CLIENT_SECRET}" },
  },
  stream: { option: "object", example: "Contact" },
  keyOption: null,
  cursorOption: null,
  mappings: [contacts, leads, accounts, opportunities, tasks],
};
