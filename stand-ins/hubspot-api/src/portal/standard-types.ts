import { commonProperties, defineStock, fillerProperties, type StockProperty } from "./common-properties.ts";
import { contactProperties, customContactProperties } from "./contact-properties.ts";
import type { ObjectTypeFacts } from "./object-type.ts";
import {
  callProperties,
  companyProperties,
  dealProperties,
  emailProperties,
  meetingProperties,
  noteProperties,
  plainProperties,
  taskProperties,
  ticketProperties,
} from "./other-properties.ts";
import { defineProperty, type PropertyDefinition } from "./property-definition.ts";

export const standardTypeNames = [
  "contacts",
  "companies",
  "deals",
  "tickets",
  "products",
  "line_items",
  "quotes",
  "tasks",
  "notes",
  "meetings",
  "calls",
  "emails",
  "users",
  "leads",
] as const;

export type StandardTypeName = (typeof standardTypeNames)[number];

interface Outline {
  readonly typeId: string;
  readonly singular: string;
  readonly properties: readonly StockProperty[];
  /** As many definitions as a small real portal has. */
  readonly definitionCount: number;
  readonly defaults: readonly string[];
  readonly searchable: readonly string[];
  readonly scopes: readonly string[];
  readonly engagement?: boolean;
}

const engagementScopes = ["crm.objects.contacts.read"];

function engagement(typeId: string, singular: string, properties: readonly StockProperty[]): Outline {
  const names = properties.map(([seed]) => seed.name);
  return {
    typeId,
    singular,
    properties,
    definitionCount: 60,
    defaults: [],
    searchable: names.filter((name) => /title|body|subject/.test(name)),
    scopes: engagementScopes,
    engagement: true,
  };
}

function plain(typeId: string, singular: string, scope: string): Outline {
  return {
    typeId,
    singular,
    properties: plainProperties,
    definitionCount: 40,
    defaults: ["name"],
    searchable: ["name"],
    scopes: [scope],
  };
}

const outlines: Readonly<Record<StandardTypeName, Outline>> = {
  contacts: {
    typeId: "0-1",
    singular: "contact",
    properties: contactProperties,
    definitionCount: 380,
    defaults: ["email", "firstname", "lastname"],
    searchable: ["firstname", "lastname", "email", "phone", "company"],
    scopes: ["crm.objects.contacts.read"],
  },
  companies: {
    typeId: "0-2",
    singular: "company",
    properties: companyProperties,
    definitionCount: 247,
    defaults: ["name", "domain"],
    searchable: ["name", "domain", "phone", "website"],
    scopes: ["crm.objects.companies.read"],
  },
  deals: {
    typeId: "0-3",
    singular: "deal",
    properties: dealProperties,
    definitionCount: 150,
    defaults: ["dealname", "amount", "closedate", "pipeline", "dealstage"],
    searchable: ["dealname", "description"],
    scopes: ["crm.objects.deals.read"],
  },
  tickets: {
    typeId: "0-5",
    singular: "ticket",
    properties: ticketProperties,
    definitionCount: 120,
    defaults: ["subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority"],
    searchable: ["subject", "content"],
    scopes: ["tickets"],
  },
  products: plain("0-7", "product", "crm.objects.products.read"),
  line_items: plain("0-8", "line_item", "crm.objects.line_items.read"),
  quotes: plain("0-14", "quote", "crm.objects.quotes.read"),
  tasks: engagement("0-27", "task", taskProperties),
  notes: engagement("0-46", "note", noteProperties),
  meetings: engagement("0-47", "meeting", meetingProperties),
  calls: engagement("0-48", "call", callProperties),
  emails: engagement("0-49", "email", emailProperties),
  users: plain("0-115", "user", "crm.objects.users.read"),
  leads: plain("0-136", "lead", "crm.objects.leads.read"),
};

export function toStandardFacts(name: StandardTypeName): ObjectTypeFacts {
  const outline = outlines[name];
  const { typeId, singular } = outline;
  return {
    typeId,
    name,
    aliases: [singular, typeId],
    entity: singular.toUpperCase(),
    labels: { singular: toLabel(singular), plural: toLabel(name) },
    custom: false,
    engagement: outline.engagement ?? false,
    modifiedProperty: name === "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate",
    createdProperty: createdProperty(name),
    defaultProperties: outline.defaults,
    searchableProperties: outline.searchable,
    primaryDisplayProperty: outline.defaults[0] ?? "hs_object_id",
    readScopes: outline.scopes,
    createdAtMs: Date.UTC(2020, 5, 30),
  };
}

/** All definitions of a standard type; `full` as many as a real portal has, otherwise only those with a meaning. */
export function toStandardProperties(name: StandardTypeName, full: boolean): readonly PropertyDefinition[] {
  const outline = outlines[name];
  const { modifiedProperty } = toStandardFacts(name);
  const own = [...commonProperties(createdProperty(name), modifiedProperty), ...outline.properties];
  const custom = name === "contacts" ? customContactProperties : [];
  const group = `${outline.singular}information`;
  return [
    ...defineStock(group, own),
    ...custom.map(([seed, generate]) => defineProperty(seed, group, generate)),
    ...defineStock(
      group,
      fillerProperties(full ? Math.max(0, outline.definitionCount - own.length - custom.length) : 0),
    ),
  ];
}

function createdProperty(name: StandardTypeName): string {
  return outlines[name].engagement === true || name === "users" || name === "leads" ? "hs_createdate" : "createdate";
}

function toLabel(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1).replace("_", " ");
}

export function isStandardTypeName(name: string): name is StandardTypeName {
  return standardTypeNames.some((known) => known === name);
}
