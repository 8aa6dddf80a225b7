import {
  type Actions,
  type Fields,
  isFields,
  numberField,
  readLogQuery,
  requireNumber,
  requireText,
  steeringActions,
  textField,
  toPage,
} from "@acme/stand-in-kit";
import type { Control } from "./control.ts";
import { isPlanName, type PlanSeed } from "./plans.ts";
import { toFault, toRowFailureRule } from "./read-fault.ts";

/** What can be asked of Control over HTTP. */
export function createActions(control: Control): Actions {
  return {
    ...steeringActions(control, toFault),
    requests: (body) => toPage(body, (page) => control.requests({ ...readLogQuery(body), ...page })),
    records: (body) => toPage(body, (page) => control.records({ ...body, ...page })),
    record: (body) => control.record(body) ?? null,
    events: (body) =>
      toPage(body, ({ offset, limit }) => control.events(organizationIn(body)).slice(offset, offset + limit)),
    counts: () => control.counts(),
    "peak-units-in-window": (body) => control.peakUnitsInWindow(numberField(body, "windowMs"), organizationIn(body)),
    usage: (body) => control.usage(organizationIn(body)),
    "set-usage": (body) => control.setUsage(readUsage(body), organizationIn(body)),
    "set-credits": (body) => control.setCredits(requireNumber(body, "credits"), organizationIn(body)),
    "set-plan": (body) => control.setPlan(readPlan(body["plan"]), organizationIn(body)),
    "add-key": (body) => control.addKey(requireText(body, "key"), organizationIn(body)),
    "revoke-key": (body) => control.revokeKey(requireText(body, "key")),
    "settle-all": () => control.settleAll(),
    "fail-rows": (body) => control.failRows(toRowFailureRule(body)),
    "clear-row-failures": () => control.clearRowFailures(),
    save: () => control.save(),
  };
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

function readPlan(plan: unknown): PlanSeed {
  if (isPlanName(plan)) return plan;
  if (!isFields(plan)) throw new RangeError("plan must be a name or an object");
  return { perMinute: requireNumber(plan, "perMinute"), perMonth: requireNumber(plan, "perMonth") };
}
