import type { ProgramLine } from "./command-line.ts";
import type { StandInServer } from "./start-server.ts";

export interface Program<Line extends ProgramLine<{ readonly port?: number }>> {
  /** What messages on stderr begin with. */
  readonly name: string;
  /** The text of `--help`. */
  readonly usage: string;
  /** Throws an error with a readable message for arguments it does not understand. */
  readonly parse: (args: readonly string[]) => Line;
  readonly start: (options: Line["options"]) => Promise<StandInServer>;
  /** What `--json` prints beside `url` and `port`. */
  readonly facts: (line: Line) => object;
  /** What is printed when it is ready. */
  readonly greeting: (url: string, line: Line) => string;
}

const EXIT_CONFIGURATION = 2;

/**
 * Runs a stand-in until SIGINT or SIGTERM. A wrong argument, or a start that fails, is one line on stderr and exit code 2.
 */
export async function runProgram<Line extends ProgramLine<{ readonly port?: number }>>(
  program: Program<Line>,
): Promise<void> {
  const { name, usage, parse, start, facts, greeting } = program;
  const fail = (message: string, exitCode: number) => {
    process.stderr.write(`${name}: ${message}\n`);
    process.exitCode = exitCode;
  };
  let line: Line;
  try {
    line = parse(process.argv.slice(2));
  } catch (error) {
    fail(`${toMessage(error)} (see --help)`, EXIT_CONFIGURATION);
    return;
  }
  if (line.help) {
    process.stdout.write(usage);
    return;
  }
  let server: StandInServer;
  try {
    server = await start(line.options);
  } catch (error) {
    fail(toStartMessage(error, line.options.port), EXIT_CONFIGURATION);
    return;
  }
  const stop = () => {
    server.close().catch((error: unknown) => fail(toMessage(error), 1));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const { url, port } = server;
  if (line.json) process.stdout.write(`${JSON.stringify({ url, port, ...facts(line) })}\n`);
  else if (!line.quiet) process.stdout.write(greeting(url, line));
}

function toStartMessage(error: unknown, port = 0): string {
  const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  return taken ? `port ${port} is in use: choose another with --port, or 0 for any free one` : toMessage(error);
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
