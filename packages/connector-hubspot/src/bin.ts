#!/usr/bin/env node
import { runSourceCli } from "@acme/sync-core";
import { hubspotConnector } from "./connector.ts";

await runSourceCli(hubspotConnector);
