import type { Engine, EngineSettings, Interrupt, RunOptions, SyncJob } from "../../contracts/job.ts";
import type { Json } from "../../contracts/json.ts";
import type { Progress } from "../../contracts/progress.ts";
import type { Receipt } from "../../contracts/receipt.ts";
import type { StateStore } from "../../contracts/state.ts";
import { mappingConfig } from "../../mapping/mapping-config.ts";
import { openSqliteState } from "../../state/open-sqlite-state.ts";
import { createVirtualRuntime, type VirtualRuntime } from "../../testing/virtual-runtime.ts";
import { runSync } from "../run-sync.ts";
import { createFakeDestination, type FakeDestination } from "./fake-destination.ts";
import { createFakeSource, type FakeSource } from "./fake-source.ts";

export interface World {
  readonly runtime: VirtualRuntime;
  readonly state: StateStore;
  readonly source: FakeSource;
  readonly destination: FakeDestination;
  readonly engine: Engine;
  job: SyncJob;
  readonly progress: Progress[];
  run(options?: Partial<RunOptions>): Promise<Receipt>;
  /** Lets so much time pass. */
  wait(ms: number): Promise<void>;
  /** Record → name and age that the destination should hold: the last change of each record. */
  expected(): Map<string, { name: Json; age: Json }>;
  /** The same as the destination has it. */
  actual(): Map<string, { name: Json; age: Json }>;
  /** Aborts after so many milliseconds of virtual time. */
  interruptAfter(ms: number, interrupt: Interrupt): AbortSignal;
}

export interface WorldOptions {
  readonly seed?: number;
  readonly settings?: Partial<EngineSettings>;
  readonly where?: readonly unknown[];
  /** Share of the landed rows that a run may delete; absent: records stay. */
  readonly deletes?: number;
}

export const settings: EngineSettings = {
  maxBufferedBytes: 64_000_000,
  maxConcurrentRequests: 5,
  landingTimeoutMs: 600_000,
  interruptGraceMs: 20_000,
  lateLandingMs: 60_000,
  readBackRecords: 12,
};

/** A source, a destination, state in memory and virtual time: everything a run needs, and nothing real. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const runtime = createVirtualRuntime({ seed: options.seed ?? 1 });
  const state = await openSqliteState({ file: ":memory:", now: () => runtime.now() });
  const source = createFakeSource();
  const destination = createFakeDestination(runtime);
  const progress: Progress[] = [];
  const engine: Engine = {
    destination,
    state,
    runtime,
    settings: { ...settings, ...options.settings },
    versions: { core: "0.0.0", sdk: "0.18.0" },
    holder: "test",
    isGone: () => false,
    onProgress: (told) => void progress.push(told),
  };
  const inContacts = { collectionName: "Contacts" };
  const job: SyncJob = {
    name: "customers",
    connector: { name: "fake", version: "1.0.0" },
    source,
    mapping: mappingConfig.parse({
      entityType: "contact",
      email: "email",
      where: options.where ?? [],
      properties: {
        name: { sourceField: "name", ...inContacts },
        age: { sourceField: "age", ...inContacts },
        notes: { sourceField: "notes", ...inContacts, extractMemories: true },
      },
    }),
    configDigest: "digest",
    ...(options.deletes === undefined ? {} : { deletes: { selection: "s1", maxShare: options.deletes } }),
  };

  const isText = (value: Json | undefined): value is string => typeof value === "string" && value.trim() !== "";
  const world: World = {
    runtime,
    state,
    source,
    destination,
    engine,
    job,
    progress,
    run: ({ limit = null, full = false, drain = new AbortController().signal, ...rest } = {}) =>
      runtime.run(runSync(world.job, engine, { limit, full, drain, ...rest })),
    wait: (ms) => runtime.run(runtime.sleep(ms, new AbortController().signal)),
    expected() {
      const records = new Map<string, { name: Json; age: Json }>();
      for (const { fields, deleted } of source.rows()) {
        if (deleted === true) continue;
        const email = fields["email"];
        if (isText(email))
          records.set(email.trim().toLowerCase(), { name: fields["name"] ?? null, age: fields["age"] ?? null });
      }
      return records;
    },
    actual() {
      const records = [...destination.stored()];
      return new Map(
        records.map(([record, values]) => [record, { name: values["name"] ?? null, age: values["age"] ?? null }]),
      );
    },
    interruptAfter(ms, interrupt) {
      const controller = new AbortController();
      void runtime.sleep(ms, new AbortController().signal).then(() => controller.abort(interrupt));
      return controller.signal;
    },
  };
  return world;
}

/** `count` rows r0, r1, … with addresses of their own. */
export function fill(source: FakeSource, count: number, from = 0): void {
  for (let index = from; index < from + count; index += 1)
    source.put(`r${index}`, { email: `r${index}@example.com`, name: `name ${index}`, age: index });
}
