import { defineField as field } from "./field-definition.ts";
import { defineObject, type ObjectDefinition } from "./object-definition.ts";
import type { SeedContext } from "./seed-context.ts";
import { Seeders } from "./seeders.ts";
import { description, lookup, owner, system } from "./shared-fields.ts";
import { masterRecordField } from "./system-fields.ts";

/** Deals, with decimals and a percentage. */
export function opportunity(context: SeedContext): ObjectDefinition {
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

/** Requests with an automatic number; queues can own them. */
export function caseObject(context: SeedContext): ObjectDefinition {
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

/** Activities, whose two lookups lead to several objects. */
export function task(context: SeedContext): ObjectDefinition {
  const seeders = new Seeders(context.seedOf("Task"));
  const leadOf = seeders.reference(
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
        seed: (position) => (position % 3 === 0 ? leadOf(position) : contactOf(position)),
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
      field("IsArchived", "boolean", { seed: seeders.flag(context.archivedShare, 10) }),
      description(seeders),
      owner(context, seeders, ["Group", "User"]),
    ],
  });
}
