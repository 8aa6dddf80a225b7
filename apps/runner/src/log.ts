import type { Progress } from "@acme/sync-core";
import { type Logger, pino } from "pino";
import type { ListenToRun } from "./runs/run-listener.ts";

export type { Logger } from "pino";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];
/** Names of options that hold secrets: whatever stands there is not written. The text itself passes the redactor as well. */
const REDACTED = ["secretKey", "token", "password", "authorization", "cookie", "webhookUrl"];

export interface LogOptions {
  /** LOG_LEVEL; null: info. One that nobody knows counts as info. */
  readonly level: string | null;
  /** Takes whole lines, and takes secrets out of them. */
  readonly write: (line: string) => void;
  readonly now: () => number;
  readonly version: string;
}

/** One JSON object a line: time, level, msg, and where there is one: sync, runId, batchId. Never the contents of a row. */
export function createLog({ level, write, now, version }: LogOptions): Logger {
  return pino(
    {
      level: level !== null && LEVELS.includes(level) ? level : "info",
      base: { name: "runner", version },
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor: "***" },
    },
    { write },
  );
}

/** Logs what happens during a run: its ends and remarks always, its batches at level debug. */
export function logRuns(log: Logger): ListenToRun {
  return ({ sync, runId, trigger, kind, startedAt, dueAt }) => {
    const own = log.child({ sync, runId });
    let phase: Progress["phase"] | null = null;
    own.info({ trigger, kind, lateMs: Math.max(0, startedAt - dueAt) }, "run began");
    return {
      progress(progress) {
        if (progress.phase === phase) return;
        phase = progress.phase;
        own.debug({ phase }, "phase began");
      },
      batch: ({ batchId, step, rows, landed, refused }) =>
        own.debug(
          { batchId, rows, ...(step === "settled" ? { landed, refused } : {}) },
          step === "written" ? "batch written down" : step === "sent" ? "batch sent" : "batch settled",
        ),
      remark: (text) => own.warn(text),
      ended(end) {
        switch (end.state) {
          case "ran": {
            const { outcome, exitCode, rows, calls, units, message, hint } = end.receipt;
            const details = { outcome, exitCode, rows, calls, units, ...(hint === null ? {} : { hint }) };
            own[levelOf(exitCode)](details, `run ended: ${message}`);
            return;
          }
          case "failed": {
            const { exitCode, message, hint } = end;
            own[levelOf(exitCode)]({ exitCode, ...(hint === null ? {} : { hint }) }, `run ended: ${message}`);
            return;
          }
          case "held":
            own.info({ holder: end.holder }, "another run of the sync is at work");
            return;
          case "nothing":
            own.info("run ended: no row was parked");
        }
      },
    };
  };
}

/** Parked rows and interruptions are part of a runner's day; the quota's end is worth a look. */
function levelOf(exitCode: number): "info" | "warn" | "error" {
  if ([0, 4, 130, 143].includes(exitCode)) return "info";
  return exitCode === 5 ? "warn" : "error";
}
