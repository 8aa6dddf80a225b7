import type { StockProperty } from "./common-properties.ts";
import {
  city,
  companyName,
  domain,
  htmlProse,
  momentAfter,
  money,
  orEmpty,
  phone,
  pick,
  prose,
  sometimes,
  whole,
} from "./generators.ts";

const industries = ["COMPUTER_SOFTWARE", "FOOD_PRODUCTION", "LOGISTICS_AND_SUPPLY_CHAIN", "RENEWABLES_ENVIRONMENT"];
export const dealStages = ["appointmentscheduled", "qualifiedtobuy", "contractsent", "closedwon", "closedlost"];
export const ticketStages = ["1", "2", "3", "4"];

export const companyProperties: readonly StockProperty[] = [
  [{ name: "name" }, companyName],
  [{ name: "domain", label: "Company Domain Name" }, domain],
  [{ name: "website" }, (row) => `https://www.${domain(row) ?? ""}/`],
  [{ name: "hs_additional_domains", type: "enumeration", fieldType: "checkbox" }],
  [{ name: "phone", fieldType: "phonenumber" }, orEmpty(201, phone)],
  [{ name: "city" }, city],
  [{ name: "industry", type: "enumeration", options: industries }, sometimes(0.8, 202, pick(industries, 203))],
  [{ name: "numberofemployees", type: "number" }, whole(1, 5000, 204)],
  [{ name: "annualrevenue", type: "number", showCurrencySymbol: true }, sometimes(0.5, 205, money)],
  [{ name: "description", fieldType: "textarea" }, prose],
  [
    { name: "num_associated_contacts", type: "number", fieldType: "calculation_rollup", calculated: false },
    whole(0, 9, 206),
  ],
  [{ name: "hs_num_open_deals", type: "number", fieldType: "calculation_rollup", calculated: true }],
  [{ name: "hs_parent_company_id", type: "number", referencedObjectType: "COMPANY" }],
];

export const dealProperties: readonly StockProperty[] = [
  [{ name: "dealname", label: "Deal Name" }, (row) => `${companyName(row) ?? ""}: renewal`],
  [{ name: "amount", type: "number", showCurrencySymbol: true }, money],
  [
    { name: "deal_currency_code", type: "enumeration", options: ["EUR", "USD", "DKK"] },
    pick(["EUR", "USD", "DKK"], 301),
  ],
  [{ name: "pipeline", type: "enumeration", options: ["default"] }, () => "default"],
  [{ name: "dealstage", type: "enumeration", fieldType: "radio", options: dealStages }, pick(dealStages, 302)],
  [{ name: "closedate", type: "datetime" }, sometimes(0.8, 303, momentAfter(90, 304))],
  [{ name: "description", fieldType: "textarea" }, prose],
  [{ name: "hs_is_closed", type: "bool", fieldType: "calculation_equation", calculated: true }],
  [{ name: "days_to_close", type: "number", fieldType: "calculation_equation", calculated: false }, whole(1, 90, 305)],
  [
    { name: "num_associated_contacts", type: "number", fieldType: "calculation_rollup", calculated: false },
    whole(0, 4, 306),
  ],
];

export const ticketProperties: readonly StockProperty[] = [
  [{ name: "subject" }, pick(["Cannot log in", "Invoice question", "Feature wish", "Export is slow"], 401)],
  [{ name: "content", fieldType: "textarea" }, prose],
  [{ name: "hs_pipeline", type: "enumeration", options: ["0"] }, () => "0"],
  [{ name: "hs_pipeline_stage", type: "enumeration", options: ticketStages }, pick(ticketStages, 402)],
  [
    { name: "hs_ticket_priority", type: "enumeration", options: ["LOW", "MEDIUM", "HIGH"] },
    pick(["LOW", "MEDIUM", "HIGH"], 403),
  ],
  [{ name: "closed_date", type: "datetime" }, sometimes(0.4, 404, momentAfter(20, 405))],
];

const happened: StockProperty = [
  { name: "hs_timestamp", label: "Activity date", type: "datetime" },
  momentAfter(1, 501),
];

export const noteProperties: readonly StockProperty[] = [
  happened,
  [{ name: "hs_note_body", fieldType: "html" }, htmlProse],
  [{ name: "hs_attachment_ids", type: "enumeration", fieldType: "checkbox" }],
];

export const callProperties: readonly StockProperty[] = [
  happened,
  [{ name: "hs_call_title" }, pick(["Discovery call", "Follow-up", "Renewal"], 511)],
  [{ name: "hs_call_body", fieldType: "html" }, htmlProse],
  [{ name: "hs_call_duration", type: "number" }, whole(10_000, 3_600_000, 512)],
  [
    { name: "hs_call_direction", type: "enumeration", options: ["INBOUND", "OUTBOUND"] },
    pick(["INBOUND", "OUTBOUND"], 513),
  ],
];

export const emailProperties: readonly StockProperty[] = [
  happened,
  [{ name: "hs_email_subject" }, pick(["Re: proposal", "Thanks for the call", "Dates for the workshop"], 521)],
  [{ name: "hs_email_text", fieldType: "textarea" }, prose],
  [{ name: "hs_email_html", fieldType: "html" }, htmlProse],
  [
    { name: "hs_email_direction", type: "enumeration", options: ["EMAIL", "INCOMING_EMAIL"] },
    pick(["EMAIL", "INCOMING_EMAIL"], 522),
  ],
];

export const meetingProperties: readonly StockProperty[] = [
  happened,
  [{ name: "hs_meeting_title" }, pick(["Kick-off", "Quarterly review", "Workshop"], 531)],
  [{ name: "hs_meeting_body", fieldType: "html" }, htmlProse],
  [{ name: "hs_meeting_start_time", type: "datetime" }, momentAfter(5, 532)],
  [
    { name: "hs_meeting_outcome", type: "enumeration", options: ["SCHEDULED", "COMPLETED"] },
    pick(["SCHEDULED", "COMPLETED"], 533),
  ],
];

export const taskProperties: readonly StockProperty[] = [
  happened,
  [{ name: "hs_task_subject" }, pick(["Send contract", "Call back", "Check references"], 541)],
  [{ name: "hs_task_body", fieldType: "html" }, htmlProse],
  [
    { name: "hs_task_status", type: "enumeration", options: ["NOT_STARTED", "COMPLETED"] },
    pick(["NOT_STARTED", "COMPLETED"], 542),
  ],
  [{ name: "hs_task_priority", type: "enumeration", options: ["LOW", "HIGH"] }, pick(["LOW", "HIGH"], 543)],
];

/** Products, line items, quotes, leads and users: enough to be told apart. */
export const plainProperties: readonly StockProperty[] = [
  [{ name: "name" }, companyName],
  [{ name: "description", fieldType: "textarea" }, prose],
  [{ name: "price", type: "number" }, money],
];
