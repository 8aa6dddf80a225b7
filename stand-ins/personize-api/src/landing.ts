import type { Fields } from "@acme/stand-in-kit";
import type { ApiEvent, RowFailure } from "./api-event.ts";
import { toExtractableTexts, toSentences } from "./extraction.ts";
import type { Knobs } from "./knobs.ts";
import type { LandingTask, PassedRows } from "./landing-task.ts";
import type { Organization } from "./organization.ts";
import { matchesRow, type RowFailures } from "./row-failure.ts";
import { toRowKey } from "./row-identity.ts";
import type { WritePart, WritePlan } from "./write-plan.ts";

/** What landing needs to know besides the organization. */
export interface LandingContext {
  readonly knobs: Knobs;
  readonly rowFailures: RowFailures;
}

/** Carries out everything that is due at `nowMs`, in order of time. No timer is involved: readers call this first. */
export function settle(organization: Organization, context: LandingContext, nowMs: number): void {
  const { tasks } = organization;
  for (let task = tasks.peek(); task !== undefined && task.atMs <= nowMs; task = tasks.peek()) {
    tasks.pop();
    run(organization, context, task, task.atMs);
  }
}

/** Carries out everything that is scheduled at all, as though its time had come. Stuck events stay stuck. */
export function settleAll(organization: Organization, context: LandingContext, nowMs: number): void {
  settle(organization, context, nowMs);
  for (let task = organization.tasks.pop(); task !== undefined; task = organization.tasks.pop()) {
    run(organization, context, task, nowMs);
  }
}

/** Puts an accepted event on its way. */
export function scheduleLanding(organization: Organization, event: ApiEvent, landsAtMs: number): void {
  schedule(organization, event, "finish", landsAtMs, undefined, undefined);
}

function run(organization: Organization, context: LandingContext, task: LandingTask, atMs: number): void {
  if (task.action === "finish") finish(organization, context, task.event, atMs);
  else if (task.action === "apply" && task.passed !== undefined) apply(organization, context, task.passed);
  else if (task.parts !== undefined) {
    apply(organization, context, check(organization, context, task.event, task.parts, atMs).passed);
  }
}

function finish(organization: Organization, context: LandingContext, event: ApiEvent, atMs: number): void {
  const { fate, parts } = event;
  organization.reservedCredits -= event.reservedCredits;
  event.reservedCredits = 0;
  event.parts = undefined;
  const lands = fate.end === "ordinary" || fate.landsAnyway;
  const { passed, failures } =
    lands && parts !== undefined
      ? check(organization, context, event, parts, atMs)
      : { passed: { keys: [], writes: [] }, failures: [] };
  if (fate.end === "stuck") event.end = undefined;
  else if (fate.end === "failed" || fate.end === "stale") event.end = fate.end;
  else if (failures.length === 0) event.end = "completed";
  else event.end = failures.length === event.rowCount ? "failed" : "partial";
  event.failures = failures;
  if (event.end !== undefined) event.finishedAtMs = atMs;
  organization.totals.rowsFailed += failures.length;

  const readLagMs = context.knobs.readLagMs + fate.readLagMs;
  if (readLagMs === 0) apply(organization, context, passed);
  else schedule(organization, event, "apply", atMs + readLagMs, passed, undefined);
  if (fate.duplicateAfterMs !== undefined && lands) {
    schedule(organization, event, "again", atMs + fate.duplicateAfterMs, undefined, parts);
  }
}

/** Decides row by row, charges credits, and counts what is extracted. */
function check(
  organization: Organization,
  context: LandingContext,
  event: ApiEvent,
  parts: readonly WritePart[],
  atMs: number,
): { readonly passed: PassedRows; readonly failures: readonly RowFailure[] } {
  const passed: PassedRows = { keys: [], writes: [] };
  const failures: RowFailure[] = [];
  const { knobs, rowFailures } = context;
  const { rowFailure } = event.fate;
  const checksRules = !rowFailures.isEmpty || rowFailure !== undefined;
  for (const { plan, rows, firstIndex } of parts) {
    for (let offset = 0; offset < rows.length; offset += 1) {
      const row = rows[offset];
      if (row === undefined) continue;
      const index = firstIndex + offset;
      const key = toRowKey(plan, row);
      if (checksRules) {
        const rule =
          rowFailure !== undefined && matchesRow(rowFailure, row, index, key)
            ? rowFailure
            : rowFailures.find(row, index, key);
        if (rule !== undefined) {
          const code = rule.code ?? "ROW_FAILED";
          failures.push(toFailure(plan, row, index, code, rule.message ?? "This row could not be processed"));
          continue;
        }
      }
      if (key === undefined && knobs.missingIdentifier !== "orphan") {
        failures.push(toFailure(plan, row, index, "MISSING_IDENTIFIER", "missing required identifier"));
        continue;
      }
      const credits = toRowCredits(plan, row);
      if (credits > 0) {
        if (organization.credits < credits) {
          failures.push(toFailure(plan, row, index, "INSUFFICIENT_CREDITS", "Not enough credits for this row"));
          continue;
        }
        organization.credits -= credits;
        organization.totals.creditsCharged += credits;
      }
      if (plan.extracts) organization.totals.aiCharacters += countExtractedCharacters(plan, row);
      if (key === undefined) {
        keepOrphan(organization, plan, row, atMs);
        continue;
      }
      passed.keys.push(key);
      passed.writes.push({ plan, row, landedAtMs: atMs });
    }
  }
  return { passed, failures };
}

function apply(organization: Organization, context: LandingContext, passed: PassedRows): void {
  const { records, totals } = organization;
  for (let index = 0; index < passed.writes.length; index += 1) {
    const write = passed.writes[index];
    const key = passed.keys[index];
    if (write !== undefined && key !== undefined) records.land(key, write, context.knobs);
  }
  totals.rowsLanded += passed.writes.length;
}

/** Credits a row costs when it lands. */
export function toRowCredits(plan: WritePlan, row: Fields): number {
  if (plan.chargeAlways) return plan.creditsPerRow;
  if (!plan.extracts) return 0;
  const extracts = plan.targets.some((target) => target.extract && toExtractableTexts(row[target.field]).length > 0);
  return extracts ? plan.creditsPerRow : 0;
}

function countExtractedCharacters(plan: WritePlan, row: Fields): number {
  let characters = 0;
  for (const target of plan.targets) {
    if (!target.extract) continue;
    for (const text of toExtractableTexts(row[target.field])) characters += text.length;
  }
  return characters;
}

function keepOrphan(organization: Organization, plan: WritePlan, row: Fields, atMs: number): void {
  organization.totals.rowsOrphaned += 1;
  for (const target of plan.targets) {
    if (!target.extract) continue;
    for (const text of toExtractableTexts(row[target.field])) {
      for (const sentence of toSentences(text)) {
        organization.orphans.push({ text: sentence, createdAtMs: atMs, type: plan.type });
      }
    }
  }
}

function toFailure(plan: WritePlan, row: Fields, index: number, code: string, message: string): RowFailure {
  const email = plan.emailField === undefined ? undefined : row[plan.emailField];
  const content = row["content"];
  return {
    index,
    ...(typeof email === "string" ? { email } : {}),
    ...(typeof content === "string" ? { content } : {}),
    code,
    message,
  };
}

function schedule(
  organization: Organization,
  event: ApiEvent,
  action: LandingTask["action"],
  atMs: number,
  passed: PassedRows | undefined,
  parts: readonly WritePart[] | undefined,
): void {
  organization.sequence += 1;
  organization.tasks.push({ atMs, sequence: organization.sequence, event, action, passed, parts });
}
