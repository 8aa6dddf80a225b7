import { defineField as field, type FieldDefinition } from "./field-definition.ts";
import { parseFormula } from "./formula.ts";
import { defineObject, type ObjectDefinition } from "./object-definition.ts";
import type { SeedContext } from "./seed-context.ts";
import { pools, Seeders } from "./seeders.ts";
import { address, description, email, owner, personName, system } from "./shared-fields.ts";
import { masterRecordField } from "./system-fields.ts";

/** Companies, and persons where the org has person accounts. */
export function account(context: SeedContext): ObjectDefinition {
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
        compoundFieldName: "Name",
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

/** People, with a formula, rich text, a long number and a multi-select picklist among their fields. */
export function contact(context: SeedContext): ObjectDefinition {
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

/** People who may become contacts; queues can own them. */
export function lead(context: SeedContext): ObjectDefinition {
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

/** Those who own and change rows; the first ones can log in. */
export function userObject(context: SeedContext): ObjectDefinition {
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
