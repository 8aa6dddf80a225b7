import type { Account } from "../contracts/destination.ts";
import type { Engine, PlanReport, PlanSample, SyncJob } from "../contracts/job.ts";
import type { Json } from "../contracts/json.ts";
import type { Batch } from "../contracts/line.ts";
import { batch } from "./batch.ts";
import { diff } from "./diff.ts";
import { createDeleteCount } from "./count-deletes.ts";
import { createDigester } from "./digest.ts";
import type { Known } from "./doubt.ts";
import { map } from "./map.ts";
import { prepare } from "./prepare.ts";
import { read } from "./read.ts";
import { upTo } from "./up-to.ts";

export interface PlanOptions {
  readonly limit: number | null;
  readonly full: boolean;
  /** How many rows to show as they would be sent. */
  readonly samples: number;
  readonly signal: AbortSignal;
}

/** The record is looked for, then deleted. */
const UNITS_A_DELETION = 2;

/** The first half of the line, read → map → diff → batch, counted instead of sent. Writes nothing, claims nothing. */
export async function planSync(job: SyncJob, engine: Engine, options: PlanOptions): Promise<PlanReport> {
  const { account, mapping, narrowed, findings } = await prepare(job, engine, options.signal);
  const limits = engine.destination.batchLimits();
  const digester = createDigester(mapping);
  const summary = await engine.state.summary(job.name);
  const cursor = options.full ? null : (summary?.cursor ?? null);
  const known: Known = (keys) => engine.state.known(job.name, keys);
  const deletes = createDeleteCount(job, narrowed, summary, options, known);

  const rows = { read: 0, adds: 0, changes: 0, unchanged: 0, filtered: 0, superseded: 0, parked: 0 };
  const parkedReasons: Record<string, number> = {};
  const samples: PlanSample[] = [];
  let complete = true;
  let calls = 0;
  let units = 0;
  let aiCharacters = 0;
  let room = options.limit ?? Number.POSITIVE_INFINITY;
  let pageNumber = 0;

  for await (const page of read(job.source, narrowed, cursor, {
    runtime: engine.runtime,
    signal: options.signal,
    onFault: () => undefined,
  })) {
    const mapped = map(page.rows, mapping);
    const changes = diff(
      mapped.rows,
      await known(mapped.rows.map((row) => row.key)),
      digester,
      job.deletes !== undefined,
    );
    const { changed, beyond } = upTo(room, changes.changed);
    const packed = batch(changed, mapping, limits, { fence: 0, page: pageNumber });

    rows.read += page.rows.length - beyond;
    rows.unchanged += changes.unchanged;
    rows.filtered += mapped.filtered;
    rows.superseded += mapped.superseded + packed.superseded;
    rows.parked += mapped.parked.length + packed.parked.length + changes.stillParked;
    await deletes?.page(page, page.rows);
    for (const { code } of [...mapped.parked, ...packed.parked]) parkedReasons[code] = (parkedReasons[code] ?? 0) + 1;
    for (const planned of packed.batches) {
      calls += 1;
      units += planned.units;
      for (const row of planned.rows) {
        rows[row.isNew ? "adds" : "changes"] += 1;
        aiCharacters += row.aiCharacters;
        if (samples.length < options.samples) samples.push(toSample(planned, row));
      }
    }
    pageNumber += 1;
    room -= page.rows.length;
    if (beyond > 0 || room <= 0) {
      complete = false;
      break;
    }
  }

  const gone = deletes?.total(!complete) ?? null;
  units += (gone ?? 0) * UNITS_A_DELETION;
  return {
    sync: job.name,
    account,
    complete,
    rows,
    deletes: gone,
    calls,
    units,
    minutes: account.callsPerMinute === null ? 0 : units / account.callsPerMinute,
    month: monthAfter(account, units),
    aiCharacters,
    samples,
    parkedReasons,
    findings,
  };
}

function monthAfter(account: Account, units: number): PlanReport["month"] {
  const { usedThisMonth: used, callsPerMonth: limit } = account;
  return { used, limit, shareAfter: limit === null ? null : (used + units) / limit };
}

function toSample(planned: Batch, row: Batch["rows"][number]): PlanSample {
  const properties: Record<string, Json> = {};
  for (const property of planned.properties) properties[property.name] = row.values[property.field] ?? null;
  return { key: row.key, kind: row.isNew ? "add" : "change", properties };
}
