#!/usr/bin/env node
import { createCli, createSystemIo } from "@acme/sync-core";
import { stateBackend } from "@acme/state-postgres";
import { connectors } from "./connectors.ts";
import { readVersion } from "./version.ts";

const cli = createCli({
  program: { name: "runner", packageName: "@acme/runner", version: readVersion() },
  connectors,
  stateBackends: [stateBackend],
});
process.exitCode = await cli.run(process.argv.slice(2), createSystemIo());
