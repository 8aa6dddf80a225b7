import { DAY_MS } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import { type Call, readableTable } from "../call.ts";
import { seesRow } from "../auth/sees-row.ts";
import type { Deletion } from "../org/deleted-log.ts";
import { toSecond } from "../org/seed-times.ts";
import type { Table } from "../org/table.ts";
import { type Reply, toReply } from "../reply.ts";
import { toRestDatetime } from "../values.ts";

const UPDATED_DAYS = 30;
const DELETED_DAYS = 15;
const SECOND_MS = 1000;

/** GET /sobjects/{object}/updated/?start=…&end=…: ids of rows that were made or changed in the window, and are not deleted. */
export function readUpdated(call: Call): Reply {
  const table = replicateable(call);
  const window = readWindow(call);
  if (window.startMs < call.nowMs - UPDATED_DAYS * DAY_MS) throw tooOld(UPDATED_DAYS);
  const ids: string[] = [];
  for (const position of table.byStamp(window.startMs, window.endMs)) {
    const version = table.version(position);
    if (table.state(position, version, call.nowMs) !== "live") continue;
    if (seesRow(call.user, { table, position, version })) ids.push(table.idOf(position));
  }
  refuseTooMany(ids.length, call);
  call.rows = ids.length;
  return toReply({ ids, latestDateCovered: toRestDatetime(latestCoveredMs(call, window.endMs)) });
}

/** GET /sobjects/{object}/deleted/?start=…&end=…: rows deleted in the window, purged ones included. */
export function readDeleted(call: Call): Reply {
  const table = replicateable(call);
  const window = readWindow(call);
  const earliestMs = toSecond(Math.max(call.nowMs - DELETED_DAYS * DAY_MS, table.deletedLog.trimmedBeforeMs));
  if (window.startMs < earliestMs && call.knobs.replicationBeforeLog === "error") throw tooOld(DELETED_DAYS);
  const startMs = Math.max(window.startMs, earliestMs);
  const found = [
    ...table.deletedLog.between(startMs, window.endMs),
    ...seededDeletions(table, startMs, window.endMs),
  ].filter(({ id }) => sees(call, table, id));
  refuseTooMany(found.length, call);
  call.rows = found.length;
  return toReply({
    deletedRecords: found.map(({ id, deletedMs }) => ({ deletedDate: toRestDatetime(deletedMs), id })),
    earliestDateAvailable: toRestDatetime(earliestMs),
    latestDateCovered: toRestDatetime(latestCoveredMs(call, window.endMs)),
  });
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

function replicateable(call: Call): Table {
  const table = readableTable(call);
  if (table.definition.replicateable) return table;
  throw new ApiError(400, "INVALID_TYPE_FOR_OPERATION", `object type ${table.name} is not replicable`);
}

/** Both bounds belong to it, after the seconds were cut off: what happened within the last minute is not in it. */
function readWindow({ query }: Call): Window {
  const startMs = toMinute(readTime(query, "start"));
  const endMs = toMinute(readTime(query, "end"));
  if (startMs >= endMs) {
    throw new ApiError(400, "INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate");
  }
  return { startMs, endMs };
}

function readTime(query: URLSearchParams, name: string): number {
  // A `+` that nobody encoded has become a space.
  const text = query
    .get(name)
    ?.replace(" ", "+")
    .replace(/([+-]\d{2})(\d{2})$/, "$1:$2");
  const timeMs = Date.parse(text ?? "");
  if (Number.isNaN(timeMs)) throw new ApiError(400, "MALFORMED_QUERY", `${name} must be a dateTime`);
  return timeMs;
}

function toMinute(timeMs: number): number {
  return Math.floor(timeMs / 60_000) * 60_000;
}

/** It stands still while a change is under way that nobody sees yet. Throws INVALID_REPLICATION_DATE where the knob wants it. */
function latestCoveredMs({ org, nowMs, knobs }: Call, endMs: number): number {
  const pendingMs = org.oldestPendingMs();
  const coveredMs = pendingMs === undefined ? nowMs : pendingMs - SECOND_MS;
  if (coveredMs < endMs && pendingMs !== undefined && knobs.replicationUncovered === "error") {
    throw new ApiError(400, "INVALID_REPLICATION_DATE", `latestDateCovered is ${toRestDatetime(toSecond(coveredMs))}`);
  }
  return toSecond(Math.min(endMs, coveredMs, nowMs));
}

function* seededDeletions(table: Table, fromMs: number, toMs: number): IterableIterator<Deletion> {
  for (const position of table.byStamp(fromMs, toMs)) {
    if (table.version(position) !== undefined) continue;
    const deletedMs = table.deletedMs(position, undefined);
    if (deletedMs !== undefined) yield { id: table.idOf(position), deletedMs };
  }
}

function sees({ user }: Call, table: Table, id: string): boolean {
  const position = table.positionOf(id);
  return position !== undefined && seesRow(user, { table, position, version: table.version(position) });
}

function refuseTooMany(count: number, { knobs }: Call): void {
  if (count <= knobs.replicationMaxIds) return;
  throw new ApiError(400, "EXCEEDED_ID_LIMIT", `more than ${knobs.replicationMaxIds} ids: take a smaller window`);
}

function tooOld(days: number): ApiError {
  return new ApiError(400, "INVALID_REPLICATION_DATE", `startDate lies before what is available, at most ${days} days`);
}
