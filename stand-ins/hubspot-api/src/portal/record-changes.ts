import { drawDelayMs } from "@acme/stand-in-kit";
import type { Knobs } from "../knobs.ts";
import type { ObjectType } from "./object-type.ts";
import type { Portal } from "./portal.ts";
import { noValues, type RecordVersion, type StoredRecord, toRank } from "./stored-record.ts";

/** What a change needs to know of its surroundings. */
export interface ChangeContext {
  readonly portal: Portal;
  readonly knobs: Readonly<Knobs>;
  readonly random: () => number;
  readonly nowMs: number;
  /** As history names it, such as `CRM_UI` or `API`. */
  readonly sourceType: string;
}

/** Never altered once handed over. */
export type Values = ReadonlyMap<string, string | null>;

/** A new live record. Throws RangeError for an id that is taken or no positive whole number. */
export function createRecord(context: ChangeContext, type: ObjectType, values: Values, id?: number): StoredRecord {
  const { portal, nowMs } = context;
  if (id !== undefined && (!Number.isSafeInteger(id) || id <= 0)) throw new RangeError(`${id} is no record id`);
  let chosen = id ?? type.ids.allocate();
  while (id === undefined && type.records.has(chosen)) chosen = type.ids.allocate();
  if (type.records.has(chosen)) throw new RangeError(`${type.facts.name} ${chosen} exists`);
  const record: StoredRecord = {
    id: chosen,
    rank: toRank(chosen),
    createdAtMs: nowMs,
    seedIndex: -1,
    current: {
      state: "live",
      modifiedAtMs: nowMs,
      archivedAtMs: undefined,
      values,
      sequence: portal.nextSequence(),
      previous: undefined,
      sourceType: context.sourceType,
    },
    indexed: undefined,
  };
  type.records.add(record);
  type.remember(record);
  index(context, type, record);
  return record;
}

/** Sets values. Without `touch` the modified date stays, as it does for calculated properties. */
export function updateRecord(
  context: ChangeContext,
  type: ObjectType,
  record: StoredRecord,
  values: Values,
  touch = true,
): void {
  const before = record.current.values;
  // Many records changed alike share their values.
  const merged = before.size === 0 ? values : new Map([...before, ...values]);
  change(context, type, record, { values: merged, ...(touch ? { modifiedAtMs: context.nowMs } : {}) });
}

/** Moves the modified date and nothing else. */
export function touchRecord(context: ChangeContext, type: ObjectType, record: StoredRecord): void {
  change(context, type, record, { modifiedAtMs: context.nowMs });
}

/** Into the bin; the modified date stays. */
export function archiveRecord(context: ChangeContext, type: ObjectType, record: StoredRecord): void {
  change(context, type, record, { state: "archived", archivedAtMs: context.nowMs });
}

/** Out of the bin, under the same id. */
export function restoreRecord(context: ChangeContext, type: ObjectType, record: StoredRecord): void {
  change(context, type, record, {
    state: "live",
    archivedAtMs: undefined,
    ...(context.knobs.restoreTouches ? { modifiedAtMs: context.nowMs } : {}),
  });
}

/** For good: neither listed nor archived any more. */
export function removeRecord(context: ChangeContext, type: ObjectType, record: StoredRecord): void {
  change(context, type, record, { state: "gone", values: noValues });
}

function change(context: ChangeContext, type: ObjectType, record: StoredRecord, changed: Partial<RecordVersion>): void {
  const before = record.current;
  type.forget(record);
  record.current = {
    ...before,
    ...changed,
    sequence: context.portal.nextSequence(),
    previous: shorten(before, context.knobs.historyLimit - 1),
    sourceType: context.sourceType,
  };
  type.remember(record);
  if (before.state !== record.current.state) type.records.moved(record);
  index(context, type, record);
}

/** The chain of versions, at most `limit` long. */
function shorten(version: RecordVersion, limit: number): RecordVersion | undefined {
  if (limit <= 0) return undefined;
  let length = 1;
  for (let older = version.previous; older !== undefined; older = older.previous) length += 1;
  if (length <= limit) return version;
  return { ...version, previous: version.previous === undefined ? undefined : shorten(version.previous, limit - 1) };
}

function index(context: ChangeContext, type: ObjectType, record: StoredRecord): void {
  const { knobs, random, nowMs } = context;
  const atOnce = record.current.state !== "live" && knobs.removedInSearch === "absent";
  type.index.schedule(record, atOnce ? nowMs : nowMs + drawDelayMs(knobs.indexLagMs, random), nowMs);
}
