import type { Connector } from "../contracts/connector.ts";
import { createCli } from "./create-cli.ts";
import { createSystemIo } from "./system-io.ts";

/**
 * The command line of one connector: check, discover, init, plan, sync, verify, status, state, memorize.
 * Sets the process exit code; resolves when the command has ended.
 */
export async function runSourceCli<Config>(
  connector: Connector<Config>,
  argv: readonly string[] = process.argv,
): Promise<void> {
  const cli = createCli({
    program: {
      // What people type is the package's name without its scope.
      name: connector.packageName.replace(/^@[^/]+\//, ""),
      packageName: connector.packageName,
      version: connector.version,
    },
    connectors: [connector],
  });
  process.exitCode = await cli.run(argv.slice(2), createSystemIo());
}
