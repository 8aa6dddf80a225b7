import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { readBody } from "./body.ts";
import type { Control, RecordQuery } from "./control.ts";
import { type Fields, isFields, numberField, textField } from "./fields.ts";

import { toFault, toRowFailureRule } from "./read-fault.ts";
import { isPlanName, type PlanSeed } from "./plans.ts";

export const ADMIN_PREFIX = "/__admin/";
const PAGE_SIZE = 1000;
const MAX_ADMIN_BODY_BYTES = 10 * 1024 * 1024;

type Action = (body: Fields) => unknown;

/**
 * The admin routes, an invention of the stand-in: Control over HTTP, `POST /__admin/<name>` with a JSON object, answered
 * with `{ok: true, result}` or 400 `{ok: false, message}`. No key is needed.
 */
export function createAdminListener(control: Control) {
  const actions = createActions(control);
  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const name = path.slice(ADMIN_PREFIX.length);
    const received = await readBody(request, MAX_ADMIN_BODY_BYTES);
    if ("aborted" in received) return;
    try {
      if ("tooLarge" in received) throw new RangeError("The body is too large");
      const body = parse(received.body);
      if (name === "records" && body["stream"] === true) {
        await streamRecords(control, body, response);
        return;
      }
      const action = actions[name];
      if (action === undefined) throw new RangeError(`No admin route ${name}: ${Object.keys(actions).join(", ")}`);
      reply(response, 200, { ok: true, result: action(body) ?? null });
    } catch (error) {
      reply(response, 400, { ok: false, message: error instanceof Error ? error.message : String(error) });
    }
  };
}

function createActions(control: Control): Readonly<Record<string, Action>> {
  return {
    requests: (body) => toPage(body, (offset, limit) => control.requests({ ...body, offset, limit })),
    records: (body) => toPage(body, (offset, limit) => control.records({ ...body, offset, limit })),
    record: (body) => control.record(body) ?? null,
    events: (body) =>
      toPage(body, (offset, limit) => control.events(organizationIn(body)).slice(offset, offset + limit)),
    counts: () => control.counts(),
    "peak-units-in-window": (body) => control.peakUnitsInWindow(numberField(body, "windowMs"), organizationIn(body)),
    usage: (body) => control.usage(organizationIn(body)),
    "set-usage": (body) => control.setUsage(readUsage(body), organizationIn(body)),
    "set-credits": (body) => control.setCredits(requireNumber(body, "credits"), organizationIn(body)),
    "set-plan": (body) => control.setPlan(readPlan(body["plan"]), organizationIn(body)),
    "add-key": (body) => control.addKey(requireText(body, "key"), organizationIn(body)),
    "revoke-key": (body) => control.revokeKey(requireText(body, "key")),
    now: () => control.now(),
    "set-clock-offset": (body) => control.setClockOffset(requireNumber(body, "offsetMs")),
    "advance-clock": (body) => control.advanceClock(requireNumber(body, "durationMs")),
    "settle-all": () => control.settleAll(),
    "add-fault": (body) => control.addFault(toFault(body)),
    "remove-fault": (body) => control.removeFault(requireNumber(body, "id")),
    "clear-faults": () => control.clearFaults(),
    faults: () => control.faults(),
    "fail-rows": (body) => control.failRows(toRowFailureRule(body)),
    "clear-row-failures": () => control.clearRowFailures(),
    knobs: () => control.knobs(),
    "set-knobs": (body) => control.setKnobs(body),
    reset: () => control.reset(),
    save: () => control.save(),
  };
}

/** One page of a list; `nextOffset` is null on the last one. */
function toPage(body: Fields, read: (offset: number, limit: number) => readonly unknown[]) {
  const offset = numberField(body, "offset") ?? 0;
  const limit = Math.min(numberField(body, "limit") ?? PAGE_SIZE, PAGE_SIZE);
  const items = read(offset, limit + 1);
  const more = items.length > limit;
  return { items: items.slice(0, limit), nextOffset: more ? offset + limit : null };
}

/** All records as JSON lines, at the pace of the reader; a reader that goes away ends it. */
async function streamRecords(control: Control, query: RecordQuery, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/x-ndjson" });
  const lines = function* () {
    for (const record of control.eachRecord(query)) yield `${JSON.stringify(record)}\n`;
  };
  await pipeline(Readable.from(lines()), response).catch(() => response.destroy());
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  const payload = Buffer.from(JSON.stringify(body), "utf8");
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": payload.length });
  response.end(payload);
}

function parse(body: Buffer): Fields {
  if (body.length === 0) return {};
  const parsed: unknown = JSON.parse(body.toString("utf8"));
  if (!isFields(parsed)) throw new RangeError("The body must be a JSON object");
  return parsed;
}

function organizationIn(body: Fields): string | undefined {
  return textField(body, "organizationId");
}

function readUsage(body: Fields): { monthUnits?: number; minuteUnits?: number } {
  const monthUnits = numberField(body, "monthUnits");
  const minuteUnits = numberField(body, "minuteUnits");
  return {
    ...(monthUnits === undefined ? {} : { monthUnits }),
    ...(minuteUnits === undefined ? {} : { minuteUnits }),
  };
}

function requireNumber(body: Fields, name: string): number {
  const value = numberField(body, name);
  if (value === undefined) throw new RangeError(`${name} must be a number`);
  return value;
}

function requireText(body: Fields, name: string): string {
  const value = textField(body, name);
  if (value === undefined) throw new RangeError(`${name} must be a text`);
  return value;
}

function readPlan(plan: unknown): PlanSeed {
  if (isPlanName(plan)) return plan;
  if (!isFields(plan)) throw new RangeError("plan must be a name or an object");
  return { perMinute: requireNumber(plan, "perMinute"), perMonth: requireNumber(plan, "perMonth") };
}
