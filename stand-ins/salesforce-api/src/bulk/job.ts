import type { User } from "../auth/users.ts";
import type { ResultSet } from "../soql/execute.ts";
import type { Plan } from "../soql/plan.ts";

export type JobState = "UploadComplete" | "InProgress" | "JobComplete" | "Failed" | "Aborted";

/** What separates columns, by the name the API gives it. */
export const delimiters = {
  BACKQUOTE: "`",
  CARET: "^",
  COMMA: ",",
  PIPE: "|",
  SEMICOLON: ";",
  TAB: "\t",
} as const;

export type DelimiterName = keyof typeof delimiters;

export const lineEndings = { LF: "\n", CRLF: "\r\n" } as const;

export type LineEndingName = keyof typeof lineEndings;

/** One query job of Bulk API 2.0. */
export interface Job {
  /** `750…`, 18 characters. */
  readonly id: string;
  readonly operation: "query" | "queryAll";
  readonly plan: Plan;
  readonly user: User;
  /** Such as 66. */
  readonly apiVersion: number;
  readonly delimiter: DelimiterName;
  readonly lineEnding: LineEndingName;
  readonly createdMs: number;
  /** When it begins to run, and when it is done. */
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Whether the server cuts the query into chunks of ids, which ORDER BY and LIMIT prevent. */
  readonly chunked: boolean;
  /** Why it is going to fail; undefined: it is not. Null: without a reason. */
  readonly failure: string | null | undefined;
  state: JobState;
  changedMs: number;
  result: ResultSet | undefined;
  errorMessage: string | undefined;
  /** How often somebody asked. */
  polls: number;
}

export function isEnded({ state }: Job): boolean {
  return state === "JobComplete" || state === "Failed" || state === "Aborted";
}

const BACK_EVERY = 3;

/** The state somebody who asks is told; with `backAndForth`, every third time the other one of the two that are not final. */
export function toToldState(job: Job, backAndForth: boolean): JobState {
  if (isEnded(job) || !backAndForth || job.polls % BACK_EVERY !== 0) return job.state;
  return job.state === "InProgress" ? "UploadComplete" : "InProgress";
}
