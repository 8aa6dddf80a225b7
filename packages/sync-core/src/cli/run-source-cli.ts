import type { Connector } from "../contracts/connector.ts";

/**
 * The command line of one connector: check, discover, plan, sync, verify, status, state, memorize.
 * Sets the process exit code; resolves when the command has ended.
 */
export async function runSourceCli<Config>(
  connector: Connector<Config>,
  argv: readonly string[] = process.argv,
): Promise<void> {
  throw new Error(`not built yet: ${connector.name} ${argv.length}`);
}
