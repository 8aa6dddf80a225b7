#!/usr/bin/env node
import { runSourceCli } from "@acme/sync-core";
import { postgresConnector } from "./connector.ts";

await runSourceCli(postgresConnector);
