import { defineField as field, type FieldDefinition, type FieldOptions } from "./field-definition.ts";
import { parseFormula } from "./formula.ts";
import { defineObject, type ObjectDefinition } from "./object-definition.ts";
import type { SeedContext } from "./seed-context.ts";
import { pools, Seeders } from "./seeders.ts";
import { masterRecordField, type SystemFieldName, systemFieldNames, systemFields } from "./system-fields.ts";

/** The fields that the platform keeps, without those named. */
export function system(...without: readonly SystemFieldName[]): readonly FieldDefinition[] {
  return systemFieldNames.filter((name) => !without.includes(name)).map((name) => systemFields[name]);
}

/** Street, city and so on under a prefix, and the address that they make up. */
function address(prefix: string, seeders: Seeders, salt: number): readonly FieldDefinition[] {
  const compound = `${prefix}Address`;
  const part = (name: string, options: FieldOptions) =>
    field(`${prefix}${name}`, "string", { compoundFieldName: compound, ...options });
  return [
    field(`${prefix}Street`, "textarea", {
      compoundFieldName: compound,
      seed: seeders.sometimes(seeders.pick(pools.streets, salt), salt),
    }),
    part("City", { length: 40, seed: seeders.pick(pools.cities, salt + 1) }),
    part("State", { length: 80 }),
    part("PostalCode", { length: 20, seed: (position) => `0${1000 + (seeders.number(position, salt + 2) % 9000)}` }),
    part("Country", { length: 80, seed: seeders.pick(pools.countries, salt + 3) }),
    field(`${prefix}Latitude`, "double", { compoundFieldName: compound, precision: 18, scale: 15 }),
    field(`${prefix}Longitude`, "double", { compoundFieldName: compound, precision: 18, scale: 15 }),
    field(compound, "address", {
      parts: {
        city: `${prefix}City`,
        country: `${prefix}Country`,
        latitude: `${prefix}Latitude`,
        longitude: `${prefix}Longitude`,
        postalCode: `${prefix}PostalCode`,
        state: `${prefix}State`,
        street: `${prefix}Street`,
      },
    }),
  ];
}

/** Salutation, first and last name; `Name` is both together. */
function personName(seeders: Seeders): readonly FieldDefinition[] {
  return [
    field("LastName", "string", {
      length: 80,
      nillable: false,
      compoundFieldName: "Name",
      seed: seeders.pick(pools.lastNames, 1),
    }),
    field("FirstName", "string", { length: 40, compoundFieldName: "Name", seed: seeders.pick(pools.firstNames, 2) }),
    field("Salutation", "picklist", { compoundFieldName: "Name", picklistValues: ["Mr.", "Ms.", "Dr."] }),
    field("Name", "string", {
      length: 121,
      nameField: true,
      nillable: false,
      compoundFieldName: "Name",
      formula: parseFormula('FirstName & " " & LastName'),
    }),
  ];
}

function email(domain: string): FieldDefinition {
  return field("Email", "email", { seed: (position) => `person.${position + 1}@${domain}` });
}

function owner(context: SeedContext, seeders: Seeders, referenceTo: readonly string[] = ["User"]): FieldDefinition {
  const seed = seeders.reference(
    (position) => context.idOf("User", position),
    () => context.count("User"),
    3,
  );
  return field("OwnerId", "reference", { label: "Owner ID", referenceTo, nillable: false, seed });
}

function lookup(context: SeedContext, seeders: Seeders, name: string, object: string, salt: number): FieldDefinition {
  const seed = seeders.reference(
    (position) => context.idOf(object, position),
    () => context.count(object),
    salt,
  );
  return field(name, "reference", { referenceTo: [object], seed: seeders.sometimes(seed, salt) });
}

function description(seeders: Seeders): FieldDefinition {
  return field("Description", "textarea", { length: 32_000, seed: seeders.sometimes(seeders.prose(90), 90) });
}

function account(context: SeedContext): ObjectDefinition {
  const seeders = new Seeders(context.seedOf("Account"));
  const isPerson = (position: number) => position < context.personAccounts;
  const personFields: readonly FieldDefinition[] =
    context.personAccounts === 0
      ? []
      : [
          field("IsPersonAccount", "boolean", { seed: isPerson }),
          field("PersonContactId", "reference", {
            referenceTo: ["Contact"],
            relationshipName: "PersonContact",
            seed: (position) => (isPerson(position) ? context.idOf("Contact", position) : null),
          }),
          field("PersonEmail", "email", { formula: parseFormula("PersonContact.Email") }),
        ];
  return defineObject({
    name: "Account",
    keyPrefix: "001",
    mergeable: true,
    fields: [
      ...system(),
      masterRecordField("Account"),
      field("Name", "string", {
        nameField: true,
        nillable: false,
        compoundFieldName: context.personAccounts === 0 ? null : "Name",
        seed: (position) =>
          `${pools.companies[seeders.number(position, 1) % 10]} ${pools.companyForms[seeders.number(position, 2) % 6]} ${position + 1}`,
      }),
      field("Type", "picklist", {
        picklistValues: ["Prospect", "Customer", "Partner", "Other"],
        seed: seeders.sometimes(seeders.pick(["Prospect", "Customer", "Partner", "Former"], 4), 4),
      }),
      field("ParentId", "reference", { referenceTo: ["Account"] }),
      ...address("Billing", seeders, 10),
      ...address("Shipping", seeders, 20),
      field("Phone", "phone", { seed: (position) => `+45 70 ${10_000 + (seeders.number(position, 30) % 90_000)}` }),
      field("Website", "url", { seed: (position) => `https://company-${position + 1}.example` }),
      field("AccountNumber", "string", { length: 40, seed: (position) => String(position + 1).padStart(8, "0") }),
      field("Industry", "picklist", {
        picklistValues: ["Agriculture", "Banking", "Energy", "Media"],
        seed: seeders.pick(["Agriculture", "Banking", "Energy", "Media"], 31),
      }),
      field("AnnualRevenue", "currency", {
        scale: 0,
        seed: seeders.sometimes((position) => (seeders.number(position, 32) % 90_000) * 1_000_000, 32),
      }),
      field("NumberOfEmployees", "int", { seed: seeders.sometimes(seeders.whole(1, 9000, 33), 33) }),
      description(seeders),
      owner(context, seeders),
      ...personFields,
    ],
  });
}

function contact(context: SeedContext): ObjectDefinition {
  const seeders = new Seeders(context.seedOf("Contact"));
  const employer = seeders.reference(
    (position) => context.idOf("Account", position),
    () => context.count("Account"),
    4,
  );
  return defineObject({
    name: "Contact",
    keyPrefix: "003",
    mergeable: true,
    fields: [
      ...system(),
      masterRecordField("Contact"),
      field("AccountId", "reference", {
        referenceTo: ["Account"],
        seed: (position) =>
          position < context.personAccounts
            ? context.idOf("Account", position)
            : seeders.sometimes(employer, 4)(position),
      }),
      ...personName(seeders),
      email("mail.example"),
      ...address("Mailing", seeders, 10),
      field("Phone", "phone", { seed: (position) => `00${45_000_000 + (seeders.number(position, 30) % 9_000_000)}` }),
      field("MobilePhone", "phone"),
      field("Title", "string", {
        length: 128,
        seed: seeders.sometimes(seeders.pick(["Buyer", "CEO", "Clerk", "NA"], 31), 31),
      }),
      field("Department", "string", { length: 80, seed: seeders.sometimes(seeders.pick(pools.oddTexts, 32), 32, 0.5) }),
      field("Birthdate", "date", { seed: seeders.sometimes(seeders.day(context.untilMs, 20_000, 33), 33) }),
      field("ReportsToId", "reference", { referenceTo: ["Contact"], relationshipName: "ReportsTo" }),
      field("LeadSource", "picklist", {
        picklistValues: ["Web", "Phone", "Fair"],
        seed: seeders.pick(["Web", "Phone", "Fair"], 34),
      }),
      field("HasOptedOutOfEmail", "boolean", { seed: seeders.flag(0.1, 35) }),
      description(seeders),
      owner(context, seeders),
      field("Account_Name__c", "string", { formula: parseFormula("Account.Name") }),
      field("Notes__c", "textarea", {
        length: 131_072,
        richText: true,
        seed: seeders.sometimes((position) => `<p>Row ${position}</p>`, 36, 0.5),
      }),
      field("Loyalty_Number__c", "double", {
        scale: 0,
        seed: (position) =>
          `9${String(seeders.number(position, 37)).padStart(10, "0")}${String(position).padStart(7, "0")}`,
      }),
      field("Interests__c", "multipicklist", {
        picklistValues: ["Rail", "Road", "Sea"],
        seed: seeders.sometimes(seeders.pick(["Rail", "Rail;Sea", "Road;Sea"], 38), 38),
      }),
      field("Calling_Time__c", "time", {
        seed: seeders.sometimes(seeders.pick(["09:00:00.000Z", "13:05:00.000Z"], 39), 39),
      }),
    ],
  });
}

function lead(context: SeedContext): ObjectDefinition {
  const seeders = new Seeders(context.seedOf("Lead"));
  return defineObject({
    name: "Lead",
    keyPrefix: "00Q",
    mergeable: true,
    fields: [
      ...system(),
      masterRecordField("Lead"),
      ...personName(seeders),
      field("Company", "string", {
        nillable: false,
        seed: (position) => `${pools.companies[seeders.number(position, 5) % 10]} ${position}`,
      }),
      email("lead.example"),
      ...address("", seeders, 10),
      field("Phone", "phone"),
      field("Title", "string", { length: 128 }),
      field("Status", "picklist", {
        nillable: false,
        picklistValues: ["Open", "Working", "Closed"],
        seed: seeders.pick(["Open", "Working", "Closed"], 6),
      }),
      field("Rating", "picklist", {
        picklistValues: ["Hot", "Warm", "Cold"],
        seed: seeders.sometimes(seeders.pick(["Hot", "Warm", "Cold"], 7), 7),
      }),
      field("IsConverted", "boolean", { seed: seeders.flag(0.2, 8) }),
      field("AnnualRevenue", "currency", { scale: 0, seed: seeders.sometimes(seeders.whole(0, 90_000_000, 9), 9) }),
      description(seeders),
      owner(context, seeders, ["Group", "User"]),
    ],
  });
}

function opportunity(context: SeedContext): ObjectDefinition {
  const seeders = new Seeders(context.seedOf("Opportunity"));
  const stages = ["Prospecting", "Proposal", "Closed Won", "Closed Lost"];
  return defineObject({
    name: "Opportunity",
    keyPrefix: "006",
    fields: [
      ...system(),
      lookup(context, seeders, "AccountId", "Account", 4),
      field("Name", "string", {
        length: 120,
        nameField: true,
        nillable: false,
        seed: (position) => `Deal ${position + 1}`,
      }),
      field("StageName", "picklist", { nillable: false, picklistValues: stages, seed: seeders.pick(stages, 5) }),
      field("Amount", "currency", { seed: seeders.sometimes(seeders.decimal(0, 30_000_000, 2, 6), 6) }),
      field("Probability", "percent", { precision: 3, scale: 0, seed: seeders.whole(0, 100, 7) }),
      field("CloseDate", "date", { nillable: false, seed: seeders.day(context.untilMs + 8_640_000_000, 700, 8) }),
      field("IsClosed", "boolean", { seed: (position) => seeders.number(position, 5) % 4 >= 2 }),
      field("IsWon", "boolean", { seed: (position) => seeders.number(position, 5) % 4 === 2 }),
      description(seeders),
      owner(context, seeders),
    ],
  });
}

function caseObject(context: SeedContext): ObjectDefinition {
  const seeders = new Seeders(context.seedOf("Case"));
  return defineObject({
    name: "Case",
    keyPrefix: "500",
    mergeable: true,
    fields: [
      ...system(),
      masterRecordField("Case"),
      field("CaseNumber", "string", {
        length: 30,
        nameField: true,
        autoNumber: true,
        nillable: false,
        seed: (position) => String(position + 1000).padStart(8, "0"),
      }),
      lookup(context, seeders, "ContactId", "Contact", 4),
      lookup(context, seeders, "AccountId", "Account", 5),
      field("Subject", "string", { seed: seeders.pick(["Broken", "Late, again", 'The "new" one'], 6) }),
      field("Status", "picklist", {
        picklistValues: ["New", "Working", "Closed"],
        seed: seeders.pick(["New", "Working", "Closed"], 7),
      }),
      field("Priority", "picklist", {
        picklistValues: ["High", "Medium", "Low"],
        seed: seeders.pick(["High", "Medium", "Low"], 8),
      }),
      field("ClosedDate", "datetime"),
      description(seeders),
      owner(context, seeders, ["Group", "User"]),
    ],
  });
}

function task(context: SeedContext): ObjectDefinition {
  const seeders = new Seeders(context.seedOf("Task"));
  const lead = seeders.reference(
    (position) => context.idOf("Lead", position),
    () => context.count("Lead"),
    4,
  );
  const contactOf = seeders.reference(
    (position) => context.idOf("Contact", position),
    () => context.count("Contact"),
    5,
  );
  return defineObject({
    name: "Task",
    keyPrefix: "00T",
    fields: [
      ...system(),
      field("WhoId", "reference", {
        referenceTo: ["Contact", "Lead"],
        seed: (position) => (position % 3 === 0 ? lead(position) : contactOf(position)),
      }),
      field("WhatId", "reference", {
        referenceTo: ["Account", "Case", "Opportunity"],
        seed: seeders.sometimes(
          seeders.reference(
            (position) => context.idOf("Account", position),
            () => context.count("Account"),
            6,
          ),
          6,
          0.4,
        ),
      }),
      field("Subject", "string", { nameField: true, seed: seeders.pick(["Call", "E-mail", "Letter"], 7) }),
      field("ActivityDate", "date", { seed: seeders.sometimes(seeders.day(context.untilMs, 365, 8), 8) }),
      field("Status", "picklist", {
        nillable: false,
        picklistValues: ["Not Started", "Completed"],
        seed: seeders.pick(["Not Started", "Completed"], 9),
      }),
      field("IsArchived", "boolean", { seed: () => false }),
      description(seeders),
      owner(context, seeders, ["Group", "User"]),
    ],
  });
}

function userObject(context: SeedContext): ObjectDefinition {
  const seeders = new Seeders(context.seedOf("User"));
  return defineObject({
    name: "User",
    keyPrefix: "005",
    undeletable: false,
    fields: [
      ...system("IsDeleted"),
      field("Username", "string", {
        length: 80,
        nillable: false,
        unique: true,
        seed: (position) => context.username(position),
      }),
      ...personName(seeders),
      field("Email", "email", { nillable: false, seed: (position) => `user.${position + 1}@org.example` }),
      field("IsActive", "boolean", { seed: () => true }),
      field("Title", "string", { length: 80 }),
    ],
  });
}

/** The objects that every org has, with the fields that matter. */
export function standardObjects(context: SeedContext): readonly ObjectDefinition[] {
  return [
    account(context),
    contact(context),
    lead(context),
    opportunity(context),
    caseObject(context),
    task(context),
    userObject(context),
  ];
}
