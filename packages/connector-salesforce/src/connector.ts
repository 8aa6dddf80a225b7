import { type Connector, readVersion } from "@acme/sync-core";
import { type SalesforceConfig, salesforceConfig } from "./config.ts";
import { createSalesforceSource } from "./source.ts";
import { salesforceStarter } from "./starter.ts";

/** What a configuration means by `connector: salesforce`. */
export const salesforceConnector: Connector<SalesforceConfig> = {
  name: "salesforce",
  packageName: "@acme/connector-salesforce",
  version: readVersion(import.meta.url),
  config: salesforceConfig,
  starter: salesforceStarter,
  create: createSalesforceSource,
};
