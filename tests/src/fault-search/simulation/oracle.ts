import { createHash } from "node:crypto";
import type { Receipt } from "@acme/sync-core";
import { sameRecord } from "./compare.ts";
import { collections, expectedOf } from "./expected.ts";
import { STRANGER } from "./records.ts";
import { SYNC, type WorkerPorts } from "./worker-ports.ts";

/** What must hold when the dust has settled. Everything that does not is a problem of the world. */
export async function judgeWorld(ports: WorkerPorts, receipts: readonly Receipt[]): Promise<void> {
  await compareRecords(ports);
  if (ports.world.scenario.deletions !== null) ports.deletionWatch.judgeEnd(ports.service);
  await checkStore(ports);
  for (const receipt of receipts) checkCounts(ports, receipt);
  checkSpending(ports);
}

async function compareRecords({ world, system, service, store, repairWatch }: WorkerPorts): Promise<void> {
  const parked = new Set((await store.parked(SYNC, Number.POSITIVE_INFINITY)).map((row) => row.key));
  for (const row of system.rows()) {
    const expected = expectedOf(row);
    if (expected === null || system.owners(expected.record).size > 1) continue;
    if (parked.has(row.key)) {
      if (world.scenario.retries > 0 && !expected.poisoned)
        world.problem(`${row.key} is still parked, although it was tried again when nothing stood in its way`);
      if (!service.refused().has(expected.record) && !repairWatch.hasFound(row.key))
        world.problem(`${row.key} is parked, but the service never refused it`);
      continue;
    }
    if (expected.poisoned) world.problem(`${row.key} can never be stored, but is not parked`);
    const difference = sameRecord(expected, service.record(expected.record));
    if (difference !== null && !repairWatch.excuses(row.key, expected.record, service))
      world.problem(`In the end ${difference} (${row.key} v${row.version})`);
  }
  const keys = new Set(system.rows().map(({ key }) => key));
  for (const key of parked)
    if (world.scenario.retries > 0 && !keys.has(key))
      world.problem(`${key} is still parked, although it is gone and was tried again since`);
  checkNothingElse({ world, system, service });
}

/** Nothing unmapped was written, nobody unknown, and no value that its rows never had. */
function checkNothingElse({ world, system, service }: Pick<WorkerPorts, "world" | "system" | "service">): void {
  const mapped = new Set<string>(Object.values(collections).flat());
  const history = new Map<string, Set<string>>();
  for (const row of system.history()) {
    const expected = expectedOf(row);
    if (expected === null) continue;
    const values = history.get(expected.record) ?? new Set();
    history.set(expected.record, values);
    for (const [property, value] of Object.entries({ ...expected.values, ...expected.texts }))
      values.add(`${property}=${JSON.stringify(value)}`);
  }
  for (const [record, stored] of service.records()) {
    for (const [property, value] of stored.values) {
      if (!mapped.has(property)) world.problem(`${property} of ${record} was written, but is not mapped`);
      else if (value === STRANGER && !stored.isOurs) continue;
      else if (value !== STRANGER && history.get(record)?.has(`${property}=${JSON.stringify(value)}`) !== true)
        world.problem(`${property} of ${record} is ${JSON.stringify(value)}, which no row ever had`);
    }
  }
}

async function checkStore({ world, store }: WorkerPorts): Promise<void> {
  const summary = await store.summary(SYNC);
  if (summary === null) return;
  if (summary.unsettledBatches > 0) world.problem(`${summary.unsettledBatches} batches are unsettled in the end`);
  if (summary.heldBy !== null) world.problem(`The sync is still held by ${summary.heldBy.holder} in the end`);
  const parked = await store.parked(SYNC, Number.POSITIVE_INFINITY);
  if (parked.length !== summary.parkedRows)
    world.problem(`The summary counts ${summary.parkedRows} parked rows; there are ${parked.length}`);
  const receipts = await store.receipts(SYNC, Number.POSITIVE_INFINITY);
  for (const [index, receipt] of receipts.entries()) {
    const before = receipts[index + 1];
    const digest = before === undefined ? null : createHash("sha256").update(JSON.stringify(before)).digest("hex");
    if (receipt.previousReceipt !== digest) world.problem(`Receipt ${receipt.runId} does not name the one before it`);
  }
}

function checkCounts({ world }: WorkerPorts, { runId, rows, outcome }: Receipt): void {
  const parts = rows.unchanged + rows.filtered + rows.parked + rows.superseded + rows.unsent + rows.sent;
  if (rows.read !== parts) world.problem(`Receipt ${runId}: ${rows.read} rows were read, ${parts} are accounted for`);
  const done = outcome === "done" || outcome === "done-with-parked";
  if (done && rows.sent !== rows.landed + rows.refused)
    world.problem(
      `Receipt ${runId}: ${rows.sent} rows were sent, ${rows.landed} landed and ${rows.refused} were refused`,
    );
}

function checkSpending({ world, system, service }: WorkerPorts): void {
  const { calm, service: plan } = world.scenario;
  if (calm && service.limitAnswers() > 0)
    world.problem(
      `The service said ${service.limitAnswers()} times that the minute is used up, and nobody else used it`,
    );
  if (calm && plan.perMinute !== null && service.mostInAMinute() > plan.perMinute)
    world.problem(`${service.mostInAMinute()} units were used in one minute; the plan allows ${plan.perMinute}`);
  if (calm && service.monthAnswers() > 0)
    world.problem(
      `${service.monthAnswers()} batches were sent although the month was used up, and nobody else used it`,
    );
  let repeated = 0;
  let extracted = 0;
  for (const [record, times] of service.repeats.repeated()) if (!system.isContested(record)) repeated += times;
  for (const [record, times] of service.repeats.extractedAgain()) if (!system.isContested(record)) extracted += times;
  const excused = service.repeats.allowed();
  if (repeated > excused) world.problem(`${repeated} rows were sent again unchanged; the faults excuse ${excused}`);
  // A row has two texts.
  if (extracted > 2 * excused)
    world.problem(`${extracted} texts were extracted again unchanged; the faults excuse ${2 * excused}`);
}
