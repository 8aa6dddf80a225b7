import type { Interrupt, Progress, Runtime } from "@acme/sync-core";
import type { EngineRun } from "../contracts/engine-port.ts";
import { judgeStall, movementOf, type StallJudgement } from "./judge-stall.ts";

/** A run under way in this process. */
export interface LiveRun {
  readonly run: EngineRun;
  readonly progress: Progress | null;
  /** Why it stands still, in words; null: it does not, or says nothing. */
  readonly waitingFor: string | null;
}

/** The runs under way in this process, and what is known of them from one moment to the next. */
export interface LiveRuns {
  begin(run: EngineRun): LiveEntry;
  of(sync: string): LiveRun | null;
  /** Looks at every run once; whoever stands still for too long is asked to end. */
  watch(): void;
  /** Names of the syncs whose runs were asked to end and did not. */
  hanging(): readonly string[];
}

export interface LiveEntry {
  /** Aborted when the run is to end: by whoever runs the engine, or because it stands still. */
  readonly drain: AbortSignal;
  progress(progress: Progress): void;
  /** What the source is asked for without an answer. */
  silentSince(since: () => number | null): void;
  end(): void;
}

export interface LiveRunsOptions {
  readonly runtime: Pick<Runtime, "now">;
  readonly stallMs: number;
  readonly graceMs: number;
  /** Told once, until the run moves again or the verdict changes. */
  readonly onStall: (run: EngineRun, judgement: StallJudgement) => void;
}

/** A source that is silent for less is just slow. */
const SILENT_MS = 30_000;

interface Entry {
  readonly run: EngineRun;
  readonly drain: AbortController;
  progress: Progress | null;
  movement: string;
  movedAt: number;
  askedToEndAt: number | null;
  judged: StallJudgement["verdict"] | null;
  silentSince: () => number | null;
}

export function createLiveRuns(options: LiveRunsOptions): LiveRuns {
  const { runtime, stallMs, graceMs, onStall } = options;
  const entries = new Map<string, Entry>();

  function waitingFor({ progress, silentSince }: Entry): string | null {
    if (progress !== null && progress.waitingFor !== null) return progress.waitingFor;
    const since = silentSince();
    const silentMs = since === null ? 0 : runtime.now() - since;
    return silentMs < SILENT_MS ? null : `the source, which has said nothing for ${Math.floor(silentMs / 1000)} s`;
  }

  return {
    begin(run) {
      const entry: Entry = {
        run,
        drain: new AbortController(),
        progress: null,
        movement: "",
        movedAt: runtime.now(),
        askedToEndAt: null,
        judged: null,
        silentSince: () => null,
      };
      entries.set(run.sync, entry);
      return {
        drain: AbortSignal.any([run.signal, entry.drain.signal]),
        progress(progress) {
          entry.progress = progress;
          const movement = movementOf(progress);
          if (movement === entry.movement) return;
          entry.movement = movement;
          entry.movedAt = runtime.now();
        },
        silentSince(since) {
          entry.silentSince = since;
        },
        end() {
          if (entries.get(run.sync) === entry) entries.delete(run.sync);
        },
      };
    },

    of(sync) {
      const entry = entries.get(sync);
      if (entry === undefined) return null;
      return { run: entry.run, progress: entry.progress, waitingFor: waitingFor(entry) };
    },

    hanging: () => [...entries.values()].flatMap(({ judged, run }) => (judged === "hangs" ? [run.sync] : [])),

    watch() {
      const now = runtime.now();
      for (const entry of entries.values()) {
        // What the source is silent about is its watch's to end.
        const since = entry.silentSince();
        const movedAt = Math.max(entry.movedAt, since ?? 0);
        const { progress, askedToEndAt, run } = entry;
        const judgement = judgeStall({ now, movedAt, progress, stallMs, askedToEndAt, graceMs });
        const before = entry.judged;
        entry.judged = judgement?.verdict ?? null;
        if (judgement === null || judgement.verdict === before) continue;
        if (judgement.verdict === "end") {
          entry.askedToEndAt = now;
          const interrupt: Interrupt = { signal: "SIGTERM", reason: "it stood still and did not say why" };
          entry.drain.abort(interrupt);
        }
        onStall(run, judgement);
      }
    },
  };
}
