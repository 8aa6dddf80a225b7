#!/usr/bin/env node
import { runSourceCli } from "@acme/sync-core";
import { mysqlConnector } from "./connector.ts";

await runSourceCli(mysqlConnector);
