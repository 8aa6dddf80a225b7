import {
  createPersonizeDestination,
  createSystemRuntime,
  mappingConfig,
  openSqliteState,
  type Receipt,
  runSync,
} from "@acme/sync-core";
import { createPeopleSource } from "./people-source.ts";

/** One run: people.json → contacts. Call it as often as you like; what did not change is not sent again. */
export async function runPeople(file: string, secretKey: string, baseUrl: string, stateFile: string): Promise<Receipt> {
  const runtime = createSystemRuntime();
  const state = await openSqliteState({ file: stateFile, now: () => runtime.now() });
  const source = createPeopleSource(file);
  try {
    const limits = { maxConcurrentRequests: 5, limitsOverride: { perMinute: null, perMonth: null } };
    const batches = { rateUnit: "row", maxRowsPerCall: null, chunkSize: 1 } as const;
    const connection = { secretKey, baseUrl, timeoutMs: 60_000, sourceLabel: "people" };
    const destination = createPersonizeDestination({ ...connection, ...limits, ...batches, state, runtime });
    const mapping = mappingConfig.parse({
      entityType: "contact",
      customKeyName: "person_id",
      customKey: "id",
      properties: { first_name: { sourceField: "name", collectionName: "Contacts Standard Schema" } },
    });
    const settings = { maxBufferedBytes: 64 * 1024 * 1024, maxConcurrentRequests: limits.maxConcurrentRequests };
    const times = {
      landingTimeoutMs: 30 * 60_000,
      interruptGraceMs: 20_000,
      lateLandingMs: 10 * 60_000,
      readBackRecords: 12,
    };
    const versions = { core: "0", sdk: "0" };
    const self = { holder: `process ${process.pid}`, isGone: () => false, onProgress: () => undefined };
    const engine = { destination, state, runtime, settings: { ...settings, ...times }, versions, ...self };
    return await runSync(
      { name: "people", connector: { name: "people", version: "1.0.0" }, source, mapping, configDigest: "1" },
      engine,
      { limit: null, full: false, drain: new AbortController().signal },
    );
  } finally {
    await source.close();
    await state.close();
  }
}
