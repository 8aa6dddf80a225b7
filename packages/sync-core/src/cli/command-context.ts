import type { Redactor } from "../config/redactor.ts";
import type { RunnerSchemas } from "../config/runner-section.ts";
import type { Connector } from "../contracts/connector.ts";
import type { Interrupt } from "../contracts/job.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { StateBackend } from "../contracts/state-backend.ts";
import type { CliIo } from "./cli-io.ts";
import type { EngineEntries } from "./engine-entries.ts";
import type { ErrorReport, Failure } from "./error-report.ts";
import type { ProgressDisplay } from "./progress-display.ts";
import type { Style } from "./style.ts";

/** Options that every command has. */
export interface GlobalOptions {
  /** null: looked for in the current directory. */
  readonly config: string | null;
  /** Which syncs; null: all of this program's connectors. */
  readonly only: readonly string[] | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** The program that runs: a connector's own, or one with many connectors. */
export interface Program {
  /** What people type. */
  readonly name: string;
  readonly packageName: string;
  readonly version: string;
}

/** What a command works with. All of it is handed in. */
export interface CommandContext {
  readonly program: Program;
  readonly connectors: readonly Connector[];
  /** How the `runner` sections are checked; null: this program does not read them. */
  readonly runner: RunnerSchemas | null;
  /** How many syncs a command may work on at once where each is one run of its own. */
  readonly syncsAtOnce: number;
  readonly stateBackends: readonly StateBackend[];
  readonly options: GlobalOptions;
  readonly io: CliIo;
  /** For stdout. */
  readonly style: Style;
  readonly entries: EngineEntries;
  readonly runtime: Runtime;
  readonly redactor: Redactor;
  /** Aborted with an {@link Interrupt} by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Progress and remarks on stderr, for a person; nothing with `--json` or `--quiet`. */
  readonly display: ProgressDisplay;
}

/**
 * What every command prints with `--json`: exactly one such document, whatever happened.
 *
 *     { command, syncs: [ { sync, connector, … } | { sync, connector, error } ], exitCode, … }
 *
 * | command        | each of `syncs`                                       | besides                              |
 * |----------------|-------------------------------------------------------|--------------------------------------|
 * | check          | `findings` (ok, warning, error), `report` (CheckReport or null) | |
 * | discover       | `streams`                                             | `collections` (or null), `findings`  |
 * | init           | `proposal`                                            | `file`, `content`, `findings`        |
 * | plan           | `report` (PlanReport)                                 |                                      |
 * | sync           | `receipt` (Receipt)                                   | `dryRun: false`                      |
 * | sync --dry-run | `report` (PlanReport with samples)                    | `dryRun: true`                       |
 * | verify         | `report` (VerifyReport)                               |                                      |
 * | retry          | `parked`, `gone`, `receipt` (Receipt or null)         |                                      |
 * | status         | `summary`, `receipts`, `parked`                       | `location`, `quota`                  |
 * | state show     | `summary`                                             | `location`                           |
 * | state reset    | `reset: true`                                         | `location`                           |
 * | state export   | (none)                                                | `location`, `exportedAt`, `file`, `rows` |
 * | state import   | (none)                                                | `location`, `file`, `counts`         |
 * | state forget   | `forgotten`                                           | `location`                           |
 * | memorize       | (none)                                                | `memorized: { eventId, recordId }`   |
 * | --version      | (none)                                                | `versions`                           |
 * | --help         | (none)                                                | `help`                               |
 *
 * `error` is `{ kind, message, hint }`. A command that could not begin has an `error` of its own and no syncs; `command` is
 * null when none was recognised.
 */
export interface CommandDocument {
  readonly command: string | null;
  readonly syncs: readonly SyncEntry[];
  readonly exitCode: number;
  readonly error?: ErrorReport;
  readonly [detail: string]: unknown;
}

export interface SyncEntry {
  readonly sync: string;
  readonly connector: string;
  readonly error?: ErrorReport;
  readonly [detail: string]: unknown;
}

export interface CommandResult {
  readonly document: CommandDocument;
  /** For people, without a newline at the end; empty: nothing to say. */
  readonly human: string;
  /** What went wrong with single syncs; shown on stderr after the rest. */
  readonly failures: readonly SyncFailure[];
  /** True when the text is what the command is for; false when silence is as good a sign of success (`--quiet`). */
  readonly isReport: boolean;
}

export interface SyncFailure extends Failure {
  readonly sync: string;
}

/** The signal that interrupted the command; null: none did. */
export function interruptOf(signal: AbortSignal): Interrupt | null {
  if (!signal.aborted) return null;
  const reason: unknown = signal.reason;
  const named = typeof reason === "object" && reason !== null && "signal" in reason ? reason.signal : null;
  return { signal: named === "SIGTERM" ? "SIGTERM" : "SIGINT" };
}
