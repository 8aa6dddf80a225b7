import type { CollectionSeed, PropertySeed, PropertyType } from "./collection.ts";

/**
 * The collections of an organization that names none. The two standard schemas and "Generated Content" are the ones
 * the vendor's examples write to; the others are there so that a reader of one default page (25) does not see
 * "Generated Content".
 */
export const defaultCollections: readonly CollectionSeed[] = [
  {
    collectionName: "Contacts Standard Schema",
    entityType: "contact",
    description: "People, keyed by email.",
    properties: [
      ...properties("text", [
        ["First Name", "first_name"],
        ["Last Name", "last_name"],
        ["Email", "email"],
        ["Phone", "phone"],
        ["Company", "company"],
        ["Website", "website"],
        ["Title", "title"],
        ["Job Title", "job_title"],
        ["Address", "address"],
        ["City", "city"],
        ["State", "state"],
        ["Postal Code", "postal_code"],
        ["Country", "country"],
        ["Language", "language"],
        ["Timezone", "timezone"],
        ["Owner", "owner"],
        ["Lead Source", "lead_source"],
        ["Preferences", "preferences"],
      ]),
      ...properties("number", [
        ["Lifetime Value", "lifetime_value"],
        ["Loyalty Points", "loyalty_points"],
        ["Order Count", "order_count"],
      ]),
      ...properties("date", [
        ["Signed Up At", "signed_up_at"],
        ["Last Seen At", "last_seen_at"],
        ["Last Modified At", "last_modified_at"],
        ["Birthday", "birthday"],
      ]),
      ...properties("boolean", [["Marketing Opt In", "marketing_opt_in"]]),
      { propertyName: "Status", systemName: "status", type: "options", options: ["active", "inactive", "prospect"] },
      ...properties("text", [["Lifecycle Stage", "lifecycle_stage"]]),
      { propertyName: "Tags", systemName: "tags", type: "array", update: false },
    ],
  },
  {
    collectionName: "Companies Standard Schema",
    entityType: "company",
    description: "Companies, keyed by website.",
    properties: [
      ...properties("text", [
        ["Website", "website"],
        ["Name", "name"],
        ["Industry", "industry"],
        ["Phone", "phone"],
        ["City", "city"],
        ["State", "state"],
        ["Country", "country"],
        ["Owner", "owner"],
        ["Description", "description"],
        ["Lifecycle Stage", "lifecycle_stage"],
        ["Status", "status"],
      ]),
      ...properties("number", [
        ["Employees", "employees"],
        ["Annual Revenue", "annual_revenue"],
        ["Founded Year", "founded_year"],
      ]),
      { propertyName: "Tags", systemName: "tags", type: "array", update: false },
    ],
  },
  {
    collectionName: "Generated Content",
    entityType: "contact",
    description: "Free text about people, for extraction.",
    properties: properties("text", [
      ["Notes", "notes"],
      ["Summary", "summary"],
      ["Description", "description"],
    ]),
  },
  ...[
    ["Account Plans", "company"],
    ["Accounts Payable", "company"],
    ["Activities", "contact"],
    ["Agreements", "company"],
    ["Appointments", "contact"],
    ["Approvals", "contact"],
    ["Assets", "company"],
    ["Audits", "company"],
    ["Billing Profiles", "company"],
    ["Bookings", "contact"],
    ["Brand Assets", "company"],
    ["Budgets", "company"],
    ["Call Notes", "contact"],
    ["Campaigns", "contact"],
    ["Cases", "contact"],
    ["Certifications", "contact"],
    ["Churn Signals", "company"],
    ["Competitors", "company"],
    ["Consents", "contact"],
    ["Contracts", "company"],
    ["Credit Checks", "company"],
    ["Demo Requests", "contact"],
    ["Devices", "device"],
    ["Documents", "contact"],
    ["Email Threads", "contact"],
    ["Event Visits", "contact"],
    ["Feedback", "contact"],
    ["Forecasts", "company"],
    ["Invoices", "company"],
    ["Locations", "location"],
    ["Orders", "contact"],
    ["Products", "product"],
    ["Quotes", "company"],
    ["Subscriptions", "contact"],
    ["Support Tickets", "contact"],
    ["Surveys", "contact"],
  ].map(([collectionName = "", entityType = ""]) => ({
    collectionName,
    entityType,
    properties: [
      ...properties("text", [
        ["Name", "name"],
        ["Reference", "reference"],
        ["Details", "details"],
      ]),
      ...properties("number", [["Amount", "amount"]]),
      ...properties("date", [["Occurred At", "occurred_at"]]),
    ],
  })),
];

function properties(type: PropertyType, names: readonly (readonly [string, string])[]): readonly PropertySeed[] {
  return names.map(([propertyName, systemName]) => ({ propertyName, systemName, type }));
}
