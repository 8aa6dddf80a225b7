import type { Connector } from "@acme/sync-core";
import { type HubspotConfig, hubspotConfig } from "./config.ts";
import { createHubspotSource } from "./source.ts";
import { hubspotStarter } from "./starter.ts";
import { readVersion } from "./version.ts";

/** What a configuration means by `connector: hubspot`. */
export const hubspotConnector: Connector<HubspotConfig> = {
  name: "hubspot",
  packageName: "@acme/connector-hubspot",
  version: readVersion(),
  config: hubspotConfig,
  starter: hubspotStarter,
  create: createHubspotSource,
};
