#!/usr/bin/env node
import { createCli, createSystemIo } from "@acme/sync-core";
import { loadConnectors } from "./load-connectors.ts";
import { readVersion } from "./version.ts";

const cli = createCli({
  program: { name: "runner", packageName: "@acme/runner", version: readVersion() },
  connectors: await loadConnectors(),
});
process.exitCode = await cli.run(process.argv.slice(2), createSystemIo());
