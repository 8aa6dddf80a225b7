#!/usr/bin/env node
import { stateBackend } from "@acme/state-postgres";
import { createCli, createSystemIo, readVersion } from "@acme/sync-core";
import { runnerConfig, runnerSyncConfig } from "./config.ts";
import { loadConnectors } from "./load-connectors.ts";
import { healthCommand } from "./serve/health-command.ts";
import { readSyncSettings } from "./serve/read-sync-settings.ts";
import { serveCommand } from "./serve/serve.ts";

/** Syncs that a command works on at once: while one waits for its rows to land, others send. */
const SYNCS_AT_ONCE = 4;

const cli = createCli({
  program: { name: "runner", packageName: "@acme/runner", version: readVersion(import.meta.url) },
  connectors: await loadConnectors(),
  stateBackends: [stateBackend],
  commands: [serveCommand, healthCommand],
  runner: { config: runnerConfig, syncConfig: runnerSyncConfig, checkSync: readSyncSettings },
  syncsAtOnce: SYNCS_AT_ONCE,
});
process.exitCode = await cli.run(process.argv.slice(2), createSystemIo());
