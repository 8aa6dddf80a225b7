export { type SalesforceConfig, salesforceConfig } from "./config.ts";
export { salesforceConnector } from "./connector.ts";
export { createSalesforceSource } from "./source.ts";
