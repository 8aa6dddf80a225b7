import { readFileSync } from "node:fs";
import { type CommandLine, parseCommandLine, usage } from "./command-line.ts";
import { type SalesforceApi, startSalesforceApi } from "./start-salesforce-api.ts";

const EXIT_CONFIGURATION = 2;

function readCommandLine(): CommandLine | undefined {
  try {
    return parseCommandLine(process.argv.slice(2), (path) => readFileSync(path, "utf8"));
  } catch (error) {
    process.stderr.write(`salesforce-api: ${toMessage(error)} (see --help)\n`);
    process.exitCode = EXIT_CONFIGURATION;
    return undefined;
  }
}

async function start(commandLine: CommandLine): Promise<void> {
  let api: SalesforceApi;
  try {
    api = await startSalesforceApi(commandLine.options);
  } catch (error) {
    process.stderr.write(`salesforce-api: ${toStartMessage(error, commandLine)}\n`);
    process.exitCode = EXIT_CONFIGURATION;
    return;
  }
  const stop = () => {
    api.close().catch((error: unknown) => {
      process.stderr.write(`salesforce-api: ${toMessage(error)}\n`);
      process.exitCode = 1;
    });
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  announce(api, commandLine);
}

function announce({ url, port }: SalesforceApi, { quiet, json }: CommandLine): void {
  if (json) process.stdout.write(`${JSON.stringify({ url, port })}\n`);
  if (json || quiet) return;
  process.stdout.write(`Salesforce stand-in (not the live service)

  url     ${url}
  client  stand-in-client, secret stand-in-secret, refresh token stand-in-refresh
  user    sync@acme.example, password stand-in-password + stand-in-token

Try:
  curl -d grant_type=client_credentials -d client_id=stand-in-client -d client_secret=stand-in-secret \\
    ${url}/services/oauth2/token
  curl -G -H "Authorization: Bearer $TOKEN" ${url}/services/data/v66.0/query \\
    --data-urlencode "q=SELECT Id, Name, Account.Name FROM Contact ORDER BY SystemModstamp DESC LIMIT 3"
  curl -X POST ${url}/__admin/counts

Control-C stops it.
`);
}

function toStartMessage(error: unknown, { options }: CommandLine): string {
  const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  return taken
    ? `port ${options.port ?? 0} is in use: choose another with --port, or 0 for any free one`
    : toMessage(error);
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const commandLine = readCommandLine();
if (commandLine?.help === true) process.stdout.write(usage);
else if (commandLine !== undefined) await start(commandLine);
