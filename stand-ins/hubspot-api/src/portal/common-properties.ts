import { ownerId } from "./generators.ts";
import { defineProperty, type Generate, type PropertyDefinition, type PropertySeed } from "./property-definition.ts";

export type StockProperty = readonly [PropertySeed, Generate?];

/** Definitions of HubSpot's own properties. */
export function defineStock(groupName: string, properties: readonly StockProperty[]): PropertyDefinition[] {
  const createdAtMs = Date.UTC(2020, 5, 30, 15, 57);
  return properties.map(([seed, generate]) =>
    defineProperty({ hubspotDefined: true, createdAtMs, ...seed }, groupName, generate),
  );
}

/** What every object type has, with the names its two dates go by. */
export function commonProperties(createdProperty: string, modifiedProperty: string): readonly StockProperty[] {
  return [
    [{ name: "hs_object_id", label: "Record ID", type: "number", hasUniqueValue: true }],
    [{ name: createdProperty, label: "Create Date", type: "datetime" }],
    [{ name: modifiedProperty, label: "Last Modified Date", type: "datetime" }],
    [{ name: "hubspot_owner_id", label: "Owner", type: "enumeration", referencedObjectType: "OWNER" }, ownerId],
    [{ name: "hubspot_team_id", label: "Team", type: "enumeration", referencedObjectType: "TEAM" }],
    [
      {
        name: "hs_merged_object_ids",
        label: "Merged record IDs",
        type: "enumeration",
        fieldType: "checkbox",
        hidden: true,
      },
    ],
    [{ name: "hs_created_by_user_id", type: "number", createdAtMs: 0 }],
    [{ name: "hs_updated_by_user_id", type: "number", createdAtMs: 0 }],
    [{ name: "hs_object_source", type: "string", hidden: true }, () => "IMPORT"],
    [
      {
        name: "hs_all_owner_ids",
        type: "enumeration",
        fieldType: "checkbox",
        hidden: true,
        referencedObjectType: "OWNER",
      },
    ],
    [{ name: "hs_was_imported", type: "bool" }, () => "true"],
    [{ name: "hs_read_only", type: "bool" }],
  ];
}

const stages = [
  "subscriber",
  "lead",
  "marketing_qualified_lead",
  "sales_qualified_lead",
  "opportunity",
  "customer",
  "evangelist",
  "other",
];
const measures = [
  ["hs_v2_date_entered_", "datetime", "date"],
  ["hs_v2_date_exited_", "datetime", "date"],
  ["hs_v2_latest_time_in_", "number", "calculation_equation"],
  ["hs_v2_cumulative_time_in_", "number", "calculation_equation"],
  ["hs_lifecyclestage_first_seen_as_", "datetime", "calculation_read_time"],
] as const;
const sources = [
  "email",
  "organic_search",
  "paid_search",
  "social_media",
  "referral",
  "direct_traffic",
  "offline",
  "events",
];
const counters = [
  "sends_since_last_engagement",
  "delivered_count",
  "open_count",
  "click_count",
  "bounce_reason_code",
  "first_touch_identifier",
  "last_touch_identifier",
  "converting_campaign_label",
];

/**
 * Definitions without values that bring a type to the size of a real portal's schema. A query that names all 380 of a
 * contact is longer than any web server takes.
 */
export function fillerProperties(count: number): readonly StockProperty[] {
  const fillers: StockProperty[] = [];
  for (const [prefix, type, fieldType] of measures) {
    // As recorded: most properties that HubSpot computes do not say so.
    for (const stage of stages) fillers.push([{ name: `${prefix}${stage}`, type, fieldType, calculated: false }]);
  }
  for (const source of sources) {
    for (const counter of counters) fillers.push([{ name: `hs_analytics_${source}_${counter}` }]);
  }
  for (let number = 1; fillers.length < count; number += 1) {
    fillers.push([{ name: `hs_stock_measurement_${String(number).padStart(3, "0")}`, hidden: number % 5 === 0 }]);
  }
  return fillers.slice(0, count);
}
