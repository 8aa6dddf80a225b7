#!/usr/bin/env node
import { runSourceCli } from "@acme/sync-core";
import { salesforceConnector } from "./connector.ts";

await runSourceCli(salesforceConnector);
