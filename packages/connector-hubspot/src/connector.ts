import { type Connector, readVersion } from "@acme/sync-core";
import { type HubspotConfig, hubspotConfig } from "./config.ts";
import { createHubspotSource } from "./source.ts";
import { hubspotStarter } from "./starter.ts";

/** What a configuration means by `connector: hubspot`. */
export const hubspotConnector: Connector<HubspotConfig> = {
  name: "hubspot",
  packageName: "@acme/connector-hubspot",
  version: readVersion(import.meta.url),
  config: hubspotConfig,
  starter: hubspotStarter,
  create: createHubspotSource,
};
