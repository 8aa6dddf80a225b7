import type { RecordAnswer, RunnerActions, RunnerView } from "../../contracts/runner-view.ts";
import { NOW, type SampleSync, type Scene, timelineOf } from "./sample-syncs.ts";

/** A runner that runs nothing: shows a scene, notes what it is asked for, and lets tests change what it shows. */
export interface SampleRunner {
  readonly view: RunnerView;
  readonly actions: RunnerActions;
  /** `runNow customers`, in the order in which it was asked. */
  readonly asked: readonly string[];
  change(sync: string, changes: Partial<SampleSync["view"]>): void;
  replace(sync: string, sample: SampleSync): void;
  /** Open watches. */
  watchers(): number;
}

export function createSampleRunner(scene: Scene, now: () => number = () => NOW): SampleRunner {
  const syncs = new Map(scene.syncs.map((sample) => [sample.view.name, { ...sample }]));
  const watchers = new Set<() => void>();
  const asked: string[] = [];
  const tell = () => {
    for (const onChange of watchers) onChange();
  };
  const change = (name: string, changes: Partial<SampleSync["view"]>) => {
    const sample = syncs.get(name);
    if (sample !== undefined) sample.view = { ...sample.view, ...changes };
    tell();
  };

  function find(sample: SampleSync | undefined, key: string): RecordAnswer {
    const parked = sample?.parked.find((row) => row.key === key);
    if (parked !== undefined) return { state: parked.code === "refused" ? "outdated" : "parked", parked };
    if (/^\d{3}$/.test(key)) return { state: "under-way", parked: null };
    return /^\d+$/.test(key) ? { state: "in", parked: null } : { state: "unknown", parked: null };
  }

  return {
    asked,
    change,
    replace(name, sample) {
      syncs.set(name, sample);
      tell();
    },
    watchers: () => watchers.size,
    view: {
      now,
      syncs: async () => [...syncs.values()].map(({ view }) => view),
      sync: async (name) => syncs.get(name)?.view ?? null,
      runs: async (name, limit) => (syncs.get(name)?.receipts ?? []).slice(0, limit),
      parked: async (name, limit) => (syncs.get(name)?.parked ?? []).slice(0, limit),
      find: async (name, key) => find(syncs.get(name), key),
      quota: async () => scene.quota,
      async run(name, runId) {
        const sample = syncs.get(name);
        if (sample?.runningRun?.runId === runId) return sample.runningRun;
        const receipt = sample?.receipts.find((each) => each.runId === runId);
        if (receipt === undefined) return null;
        const startedAt = Date.parse(receipt.startedAt);
        return {
          sync: name,
          runId,
          trigger: "schedule",
          startedAt,
          receipt,
          progress: null,
          timeline: timelineOf(startedAt, true),
        };
      },
      watch(onChange) {
        watchers.add(onChange);
        return () => void watchers.delete(onChange);
      },
    },
    actions: {
      async runNow(name) {
        asked.push(`runNow ${name}`);
        if (syncs.get(name)?.view.state === "queued") return "already";
        change(name, syncs.get(name)?.view.state === "running" ? { runsAgain: true } : { state: "queued" });
        return "queued";
      },
      async retry(name) {
        asked.push(`retry ${name}`);
        change(name, { state: "queued" });
        return "queued";
      },
      async pause(name) {
        asked.push(`pause ${name}`);
        change(name, { state: "paused", nextRunAt: null });
      },
      async resume(name) {
        asked.push(`resume ${name}`);
        change(name, { state: "idle", nextRunAt: now() + 60_000 });
      },
      async cancel(name) {
        asked.push(`cancel ${name}`);
        const state = syncs.get(name)?.view.state;
        if (state === "queued") change(name, { state: "idle" });
        else if (state === "running") change(name, { state: "cancelling" });
        else return "none";
        return "cancelling";
      },
    },
  };
}
