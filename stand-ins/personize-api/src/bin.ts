import { type CommandLine, parseCommandLine, usage } from "./command-line.ts";
import { type PersonizeApi, startPersonizeApi } from "./start-personize-api.ts";

const EXIT_CONFIGURATION = 2;

function readCommandLine(): CommandLine | undefined {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`personize-api: ${toMessage(error)} (see --help)\n`);
    process.exitCode = EXIT_CONFIGURATION;
    return undefined;
  }
}

async function start(commandLine: CommandLine): Promise<void> {
  let api: PersonizeApi;
  try {
    api = await startPersonizeApi(commandLine.options);
  } catch (error) {
    process.stderr.write(`personize-api: ${toStartMessage(error, commandLine)}\n`);
    process.exitCode = EXIT_CONFIGURATION;
    return;
  }
  const stop = () => {
    api.close().catch((error: unknown) => {
      process.stderr.write(`personize-api: ${toMessage(error)}\n`);
      process.exitCode = 1;
    });
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  announce(api, commandLine);
}

function announce({ url, port }: PersonizeApi, { key, quiet, json }: CommandLine): void {
  if (json) process.stdout.write(`${JSON.stringify({ url, port, key })}\n`);
  if (json || quiet) return;
  const row = `{"email":"ada@example.com","first_name":"Ada"}`;
  const mapping = `{"entityType":"contact","email":"email","properties":{"first_name":{"sourceField":"first_name","collectionName":"Contacts Standard Schema"}}}`;
  process.stdout.write(`Personize API stand-in (not the live service)

  url  ${url}
  key  ${key}

Try:
  curl -H 'Authorization: Bearer ${key}' ${url}/api/v1/me
  curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' ${url}/api/v1/batch-memorize \\
    -d '{"source":"hand","mapping":${mapping},"rows":[${row}]}'
  curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' ${url}/api/v1/smart-memory-digest \\
    -d '{"email":"ada@example.com","type":"contact"}'

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
