export { type HubspotConfig, hubspotConfig } from "./config.ts";
export { hubspotConnector } from "./connector.ts";
export { createHubspotSource } from "./source.ts";
