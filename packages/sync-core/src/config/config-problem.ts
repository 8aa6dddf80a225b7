import { ConfigError } from "../contracts/errors.ts";
import { type ConfigPath, formatPath } from "./config-path.ts";

/** One thing that is wrong with a configuration. Never holds a value of it. */
export interface ConfigProblem {
  /** Empty: the file as a whole. */
  readonly path: ConfigPath;
  /** True when the last part of the path is better not repeated: it may be a piece of a value. */
  readonly hidesName?: boolean;
  /** Counted from 1; null where it is not known. */
  readonly line: number | null;
  readonly message: string;
  /** What to do about it, as a sentence; null when the message says so itself. */
  readonly hint: string | null;
}

/** Takes a problem down; its line is looked up. */
export type ReportProblem = (problem: Omit<ConfigProblem, "line">) => void;

/** One error that lists every problem, in the order of the file. */
export function toConfigError(fileName: string, problems: readonly ConfigProblem[]): ConfigError {
  const sorted = problems.toSorted((left, right) => (left.line ?? Infinity) - (right.line ?? Infinity) || 0);
  const hints = [...new Set(sorted.flatMap((problem) => (problem.hint === null ? [] : [problem.hint])))];
  const [first] = sorted;
  if (first !== undefined && sorted.length === 1) {
    const place = first.line === null ? fileName : `${fileName}, line ${first.line}`;
    return new ConfigError(`${place}: ${sentence(first)}`, { hint: first.hint ?? "Correct the file and try again." });
  }
  const lines = sorted.map(
    (problem) => `  - ${problem.line === null ? "" : `line ${problem.line}: `}${sentence(problem)}`,
  );
  return new ConfigError(`${fileName} has ${sorted.length} problems:\n${lines.join("\n")}`, {
    hint: hints.length === 0 ? "Correct the file and try again." : hints.join("\n"),
  });
}

function sentence(problem: ConfigProblem): string {
  if (problem.path.length === 0) return problem.message;
  const shown = problem.hidesName === true ? [...problem.path.slice(0, -1), ""] : problem.path;
  return `${formatPath(shown)}: ${problem.message}`;
}
