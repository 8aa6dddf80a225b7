import type { CommanderError } from "commander";
import type { ErrorReport } from "./error-report.ts";

/** A command line that cannot be understood. */
export interface UsageError {
  readonly report: ErrorReport;
  /** Shown above the message where no command was named at all. */
  readonly help: string;
}

/** The parser's complaint as one readable message. */
export function toUsageError(
  error: CommanderError,
  programName: string,
  args: readonly string[],
  commands: readonly string[],
  written: string,
): UsageError {
  const command = args.find((arg) => commands.includes(arg)) ?? null;
  const see = `\`${programName}${command === null ? "" : ` ${command}`} --help\` shows what there is.`;
  if (error.code === "commander.help") {
    const isState = args.includes("state");
    const only = args.includes("--only") ? " Write the command before --only, which takes every name behind it." : "";
    const message = isState
      ? "say what to do with the state: show, export, import, forget or reset"
      : "no command was given";
    return { report: { kind: "config", message, hint: `${see}${only}` }, help: written };
  }
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggested = /\(Did you mean (.+)\?\)/.exec(rest.join(" "))?.[1];
  const advice = suggested === undefined ? "" : `Did you mean ${suggested}? `;
  const names = error.code === "commander.excessArguments" && command !== null ? "Name syncs with --only NAME. " : "";
  return { report: { kind: "config", message: first, hint: `${advice}${names}${see}` }, help: "" };
}
