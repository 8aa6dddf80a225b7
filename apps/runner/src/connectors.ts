import { hubspotConnector } from "@acme/connector-hubspot";
import { postgresConnector } from "@acme/connector-postgres";
import type { Connector } from "@acme/sync-core";

/** Every connector that the runner offers. The only list of them. */
export const connectors: readonly Connector[] = [postgresConnector, hubspotConnector];
