import { CommanderError } from "commander";
import { createRedactor, type Redactor } from "../config/redactor.ts";
import type { RunnerSchemas } from "../config/runner-section.ts";
import type { Connector } from "../contracts/connector.ts";
import type { StateBackend } from "../contracts/state-backend.ts";
import type { CliIo, CliWriter } from "./cli-io.ts";
import {
  type CommandContext,
  type CommandDocument,
  type GlobalOptions,
  interruptOf,
  type Program,
} from "./command-context.ts";
import { createCommandLine, type Invocation } from "./command-line.ts";
import { coreVersion } from "./core-version.ts";
import { type EngineEntries, engineEntries } from "./engine-entries.ts";
import { type ErrorReport, type Failure, stackOf, toFailure } from "./error-report.ts";
import { exitCodes } from "./exit-code.ts";
import { indent } from "./human-format.ts";
import { createProgressDisplay } from "./progress-display.ts";
import type { ProgramCommand } from "./program-command.ts";
import { redactDeep } from "./redact-deep.ts";
import { createStyle, type Style } from "./style.ts";
import { createSystemRuntime } from "./system-runtime.ts";
import { type UsageError, toUsageError } from "./usage-error.ts";
import { watchSignals } from "./watch-signals.ts";

export interface CliOptions {
  readonly program: Program;
  /** One for a connector's own program, many for the runner. */
  readonly connectors: readonly Connector[];
  /** Where a state can be kept besides a file; default: what is installed beside the configuration or the program. */
  readonly stateBackends?: readonly StateBackend[];
  /** What the commands call; default: the engine itself. */
  readonly entries?: EngineEntries;
  /** Commands that only this program has. */
  readonly commands?: readonly ProgramCommand[];
  /** How the `runner` sections of the configuration are checked; default: they are passed over. */
  readonly runner?: RunnerSchemas;
  /** How many syncs `sync` and `retry` work on at once; default: 1. */
  readonly syncsAtOnce?: number;
}

export interface Cli {
  /**
   * Runs one command line (without program and script name) to its end.
   * @returns the exit code. Never rejects; whatever happened was said on `io`, without secrets.
   */
  run(args: readonly string[], io: CliIo): Promise<number>;
}

export function createCli(options: CliOptions): Cli {
  return {
    async run(args, rawIo) {
      const redactor = createRedactor([
        options.program.name,
        ...options.connectors.flatMap((connector) => [connector.name, connector.packageName]),
        ...(options.stateBackends ?? []).map((backend) => backend.packageName),
      ]);
      const io = redactOutput(rawIo, redactor);
      const asked = readCommandLine(options, args);
      // Before the options are understood they still have to be obeyed.
      const json = asked.invocation?.options.json ?? wants(args, "--json");
      const debug = asked.invocation?.options.debug ?? wants(args, "--debug");
      if (asked.invocation !== null) return runCommand(options, asked.invocation, io, redactor);
      const print = createPrinter(io, redactor, { json, debug });
      if (asked.text !== null) return print.text(asked.text.kind, asked.text.content, versionsOf(options));
      return print.usageError(asked.usageError);
    },
  };
}

type Asked =
  | { readonly invocation: Invocation; readonly text: null; readonly usageError: null }
  | {
      readonly invocation: null;
      readonly text: { readonly kind: "help" | "version"; readonly content: string };
      readonly usageError: null;
    }
  | { readonly invocation: null; readonly text: null; readonly usageError: UsageError };

/** What was asked for. Nothing is written: the parser's own output is caught. */
function readCommandLine(options: CliOptions, args: readonly string[]): Asked {
  let invocation: Invocation | null = null;
  let written = "";
  const versions = versionsOf(options);
  const versionText = versions.map(([name, version]) => `${name} ${version}`).join("\n");
  const root = createCommandLine(options.program, options.commands ?? [], versionText, (found) => {
    invocation = found;
  });
  const catchOutput = (text: string): void => {
    written += text;
  };
  const names = root.commands.map((command) => command.name());
  const all = [root, ...root.commands, ...root.commands.flatMap((command) => command.commands)];
  for (const command of all) {
    command.exitOverride().configureOutput({ writeOut: catchOutput, writeErr: catchOutput });
  }
  try {
    root.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.version")
      return { invocation: null, text: { kind: "version", content: written }, usageError: null };
    const isHelp =
      error.code === "commander.helpDisplayed" || (error.code === "commander.help" && error.exitCode === 0);
    if (isHelp) return { invocation: null, text: { kind: "help", content: written }, usageError: null };
    return {
      invocation: null,
      text: null,
      usageError: toUsageError(error, options.program.name, args, names, written),
    };
  }
  if (invocation === null) throw new Error("the command line was read, but names no command");
  return { invocation, text: null, usageError: null };
}

async function runCommand(options: CliOptions, invocation: Invocation, io: CliIo, redactor: Redactor): Promise<number> {
  const { json, quiet, debug } = invocation.options;
  const print = createPrinter(io, redactor, { json, debug });
  const display = createProgressDisplay(io, invocation.options, createStyle(io.stderr, io.env));
  const watch = watchSignals(io, ({ signal }) =>
    display.print(`${signal}: finishing what is under way; once more to stop at once`),
  );
  const stopCrashWatch = io.onCrash((error) => {
    display.finish();
    const failure = toFailure(error, null);
    if (json) print.document(errorDocument(invocation.command, failure.report, failure.exitCode));
    print.failure(failure, null);
    io.exitNow(failure.exitCode);
  });
  const context: CommandContext = {
    program: options.program,
    connectors: options.connectors,
    runner: options.runner ?? null,
    syncsAtOnce: options.syncsAtOnce ?? 1,
    stateBackends: options.stateBackends ?? [],
    options: invocation.options,
    io,
    style: createStyle(io.stdout, io.env),
    entries: options.entries ?? engineEntries,
    runtime: { ...createSystemRuntime(), now: () => io.now() },
    redactor,
    signal: watch.signal,
    display,
  };
  try {
    const result = await invocation.run(context);
    if (json) print.document(result.document);
    else {
      const silent = quiet && !result.isReport && result.document.exitCode === exitCodes.done;
      if (result.human !== "" && !silent) io.stdout.write(`${result.human}\n`);
    }
    for (const failure of result.failures) print.failure(failure, failure.sync);
    return result.document.exitCode;
  } catch (error) {
    const failure = toFailure(error, interruptOf(watch.signal));
    if (json) print.document(errorDocument(invocation.command, failure.report, failure.exitCode));
    print.failure(failure, null);
    return failure.exitCode;
  } finally {
    display.finish();
    watch.stop();
    stopCrashWatch();
  }
}

interface Printer {
  document(document: CommandDocument): void;
  failure(failure: Failure, sync: string | null): void;
  text(kind: "help" | "version", content: string, versions: readonly (readonly [string, string])[]): number;
  usageError(error: UsageError): number;
}

function createPrinter(io: CliIo, redactor: Redactor, options: Pick<GlobalOptions, "json" | "debug">): Printer {
  const style = createStyle(io.stderr, io.env);
  const document = (shown: CommandDocument): void => {
    io.stdout.write(`${JSON.stringify(redactDeep(shown, redactor), null, 2)}\n`);
  };
  return {
    document,
    failure(failure, sync) {
      if (!options.json) io.stderr.write(errorText(failure.report, sync, style));
      if (options.debug && failure.thrown !== null) io.stderr.write(`${stackOf(failure.thrown)}\n`);
    },
    text(kind, content, versions) {
      if (!options.json) io.stdout.write(content);
      else {
        const details = kind === "help" ? { help: content } : { versions: Object.fromEntries(versions) };
        document({ command: kind, syncs: [], ...details, exitCode: exitCodes.done });
      }
      return exitCodes.done;
    },
    usageError({ report, help }) {
      if (options.json) document(errorDocument(null, report, exitCodes.config));
      else io.stderr.write(`${help === "" ? "" : `${help}\n`}${errorText(report, null, style)}`);
      return exitCodes.config;
    },
  };
}

/** One readable message: what is wrong, and what to do. */
function errorText(report: ErrorReport, sync: string | null, style: Style): string {
  const message = `${style.red("error:")} ${sync === null ? "" : `${sync}: `}${report.message}\n`;
  if (report.hint === null) return message;
  return `${message}  ${style.cyan("→")} ${indent(report.hint, 4).trimStart()}\n`;
}

function errorDocument(command: string | null, error: ErrorReport, exitCode: number): CommandDocument {
  return { command, syncs: [], error, exitCode };
}

function versionsOf(options: CliOptions): readonly (readonly [string, string])[] {
  const { program, connectors, stateBackends = [] } = options;
  const others = [...connectors, ...stateBackends].filter((other) => other.packageName !== program.packageName);
  return [
    [program.packageName, program.version],
    ...others.map((other) => [other.packageName, other.version] as const),
    ["@acme/sync-core", coreVersion()],
    ["@personize/sdk", (options.entries ?? engineEntries).sdkVersion()],
  ];
}

function wants(args: readonly string[], option: string): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? args.length : end).includes(option);
}

function redactOutput(io: CliIo, redactor: Redactor): CliIo {
  const wrap = (writer: CliWriter): CliWriter => ({
    write: (text) => writer.write(redactor.redact(text)),
    isTTY: writer.isTTY,
    columns: () => writer.columns(),
  });
  return {
    stdout: wrap(io.stdout),
    stderr: wrap(io.stderr),
    stdin: io.stdin,
    env: io.env,
    cwd: io.cwd,
    now: () => io.now(),
    onSignal: (listener) => io.onSignal(listener),
    onCrash: (listener) => io.onCrash(listener),
    exitNow: (exitCode) => io.exitNow(exitCode),
  };
}
