import { DAY_MS } from "@acme/stand-in-kit";
import type { StockProperty } from "./common-properties.ts";
import {
  city,
  dayAfter,
  email,
  firstName,
  flag,
  lastName,
  momentAfter,
  orEmpty,
  phone,
  pick,
  several,
  sometimes,
  untidyNumber,
  whole,
} from "./generators.ts";

const lifecycleStages = ["subscriber", "lead", "marketingqualifiedlead", "opportunity", "customer"];
const tools = ["slack", "segment", "intercom", "zapier"];

export const contactProperties: readonly StockProperty[] = [
  [{ name: "email", hasUniqueValue: true }, email],
  [{ name: "firstname", label: "First Name" }, firstName],
  [{ name: "lastname", label: "Last Name" }, lastName],
  [{ name: "phone", label: "Phone Number", type: "string", fieldType: "phonenumber" }, orEmpty(101, phone)],
  [{ name: "mobilephone", fieldType: "phonenumber" }],
  [{ name: "city" }, orEmpty(102, city)],
  [{ name: "zip", label: "Postal Code" }, orEmpty(103, whole(1000, 9999, 104))],
  [{ name: "country" }],
  [
    { name: "jobtitle", label: "Job Title" },
    sometimes(0.7, 105, pick(["CEO", "Buyer", "Engineer", "Head of Sales"], 106)),
  ],
  [{ name: "company", label: "Company Name" }],
  [{ name: "website" }],
  [
    {
      name: "lifecyclestage",
      label: "Lifecycle Stage",
      type: "enumeration",
      fieldType: "radio",
      options: lifecycleStages,
    },
    pick(lifecycleStages, 107),
  ],
  [
    { name: "hs_lead_status", type: "enumeration", fieldType: "radio", options: ["NEW", "OPEN", "IN_PROGRESS"] },
    sometimes(0.5, 108, pick(["NEW", "OPEN", "IN_PROGRESS"], 109)),
  ],
  [{ name: "hs_additional_emails", type: "enumeration", fieldType: "checkbox", hidden: true }],
  [{ name: "hs_calculated_merged_vids", type: "enumeration", fieldType: "checkbox", hidden: true }],
  // Defined and hidden, without value: whoever searches contacts by it finds nothing.
  [{ name: "hs_lastmodifieddate", type: "datetime", hidden: true }],
  [{ name: "closedate", type: "datetime" }, sometimes(0.3, 110, momentAfter(90, 111))],
  [{ name: "date_of_birth" }],
  [{ name: "hs_email_optout", type: "bool" }, flag(112)],
  [{ name: "associatedcompanyid", type: "number", referencedObjectType: "COMPANY" }],
  [
    { name: "num_associated_deals", type: "number", fieldType: "calculation_rollup", calculated: false },
    whole(0, 5, 113),
  ],
  [{ name: "hubspotscore", type: "number", fieldType: "calculation_score", calculated: true }, whole(0, 100, 114)],
  [{ name: "hs_sequences_enrolled_count", type: "number", fieldType: "calculation_rollup", calculated: false }],
  [{ name: "notes_last_contacted", type: "datetime", calculated: true }],
  [{ name: "notes_last_updated", type: "datetime" }],
  [
    { name: "days_to_close", type: "number", fieldType: "calculation_equation", calculated: true },
    ({ createdAtMs, modifiedAtMs }) => String(Math.floor((modifiedAtMs - createdAtMs) / DAY_MS)),
  ],
];

/** Properties a customer made: no `hubspotDefined` on the wire, and untidy values. */
export const customContactProperties: readonly StockProperty[] = [
  [
    {
      name: "favourite_tools",
      type: "enumeration",
      fieldType: "checkbox",
      options: tools,
      createdAtMs: Date.UTC(2024, 1, 2),
    },
    several(tools, 121),
  ],
  [{ name: "customer_since", type: "date", createdAtMs: Date.UTC(2024, 1, 3) }, sometimes(0.6, 122, dayAfter(30, 123))],
  [{ name: "legacy_score", type: "number", createdAtMs: Date.UTC(2024, 1, 4) }, untidyNumber],
  [
    { name: "external_reference", type: "number", hasUniqueValue: true, createdAtMs: Date.UTC(2024, 1, 5) },
    ({ index }) => `90071992547${String(index).padStart(8, "0")}`,
  ],
  [
    { name: "passport_remark", dataSensitivity: "sensitive", createdAtMs: Date.UTC(2025, 1, 6) },
    sometimes(0.2, 124, pick(["expires soon", "seen", "copy kept"], 125)),
  ],
];
