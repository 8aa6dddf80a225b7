import { type CommandLine, parseCommandLine, usage } from "./command-line.ts";
import { type HubspotApi, startHubspotApi } from "./start-hubspot-api.ts";

const EXIT_CONFIGURATION = 2;

function readCommandLine(): CommandLine | undefined {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`hubspot-api: ${toMessage(error)} (see --help)\n`);
    process.exitCode = EXIT_CONFIGURATION;
    return undefined;
  }
}

async function start(commandLine: CommandLine): Promise<void> {
  let api: HubspotApi;
  try {
    api = await startHubspotApi(commandLine.options);
  } catch (error) {
    process.stderr.write(`hubspot-api: ${toStartMessage(error, commandLine)}\n`);
    process.exitCode = EXIT_CONFIGURATION;
    return;
  }
  const stop = () => {
    api.close().catch((error: unknown) => {
      process.stderr.write(`hubspot-api: ${toMessage(error)}\n`);
      process.exitCode = 1;
    });
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  announce(api, commandLine);
}

function announce({ url, port }: HubspotApi, { token, quiet, json }: CommandLine): void {
  if (json) process.stdout.write(`${JSON.stringify({ url, port, token })}\n`);
  if (json || quiet) return;
  const since = `{"propertyName":"lastmodifieddate","operator":"GTE","value":"2026-10-01T00:00:00Z"}`;
  process.stdout.write(`HubSpot API stand-in (not the live service)

  url    ${url}
  token  ${token}

Try:
  curl -H 'Authorization: Bearer ${token}' '${url}/crm/v3/objects/contacts?limit=3&associations=companies'
  curl -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' ${url}/crm/v3/objects/contacts/search \\
    -d '{"filterGroups":[{"filters":[${since}]}],"properties":["email"],"limit":3}'
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
