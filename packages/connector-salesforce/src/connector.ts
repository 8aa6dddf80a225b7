import type { Connector } from "@acme/sync-core";
import { type SalesforceConfig, salesforceConfig } from "./config.ts";
import { createSalesforceSource } from "./source.ts";
import { salesforceStarter } from "./starter.ts";
import { readVersion } from "./version.ts";

/** What a configuration means by `connector: salesforce`. */
export const salesforceConnector: Connector<SalesforceConfig> = {
  name: "salesforce",
  packageName: "@acme/connector-salesforce",
  version: readVersion(),
  config: salesforceConfig,
  starter: salesforceStarter,
  create: createSalesforceSource,
};
