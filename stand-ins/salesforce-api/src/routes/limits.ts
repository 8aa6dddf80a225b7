import type { Call } from "../call.ts";
import { type Reply, toReply } from "../reply.ts";

/** GET /limits. */
export function readLimits({ world, knobs, nowMs }: Call): Reply {
  const usage = world.usage;
  const left = (max: number, used: number) => ({ Max: max, Remaining: Math.max(0, max - used) });
  return toReply({
    ConcurrentAsyncGetReportInstances: left(200, 0),
    DailyApiRequests: left(knobs.dailyRequests, usage.requests(nowMs)),
    DailyBulkApiBatches: left(15_000, 0),
    DailyBulkV2QueryFileStorageMB: left(knobs.bulkStorageMbPerDay, usage.bulkStoredMb(nowMs)),
    DailyBulkV2QueryJobs: left(knobs.bulkJobsPerDay, usage.bulkJobs(nowMs)),
    DataStorageMB: left(5, 0),
    FileStorageMB: left(20, 0),
  });
}

/** GET /limits/recordCount?sObjects=Account,Contact: rows that are not in the bin. */
export function countRecords(call: Call): Reply {
  const { org, user, query, nowMs } = call;
  const asked = query.get("sObjects");
  const names = asked === null ? undefined : new Set(asked.split(",").map((name) => name.trim().toLowerCase()));
  const counts: { count: number; name: string }[] = [];
  for (const table of org.tables()) {
    if (!user.canReadObject(table.name) || (names !== undefined && !names.has(table.name.toLowerCase()))) continue;
    let count = 0;
    for (let position = 0; position < table.count; position += 1) {
      if (table.state(position, table.version(position), nowMs) === "live") count += 1;
    }
    if (count > 0 || names !== undefined) {
      counts.push({ count: Math.round(count * call.knobs.recordCountShare), name: table.name });
    }
  }
  call.rows = counts.length;
  return toReply({ sObjects: counts });
}
