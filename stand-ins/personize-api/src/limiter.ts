import type { Fields } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import type { Knobs } from "./knobs.ts";
import type { Organization } from "./organization.ts";

/** The calendar month (UTC) of a time, such as "2026-11". */
export function toMonth(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 7);
}

/** Units used this month, after turning the month if it has ended. */
export function readMonthUnits(organization: Organization, nowMs: number): number {
  const month = toMonth(nowMs);
  if (organization.month !== month) {
    organization.month = month;
    organization.monthUnits = 0;
  }
  return organization.monthUnits;
}

/**
 * Takes `units` from both windows, or refuses them all with 429. The month is looked at first, since waiting a minute
 * does not cure it.
 */
export function admit(organization: Organization, units: number, knobs: Knobs, nowMs: number): void {
  const { plan, minute } = organization;
  const monthUnits = readMonthUnits(organization, nowMs);
  if (monthUnits + units > plan.perMonth) {
    organization.totals.rateLimitedPerMonth += 1;
    if (knobs.countRejected) count(organization, units, nowMs);
    throw toRateLimitError(knobs, {
      limit: plan.perMonth,
      current: monthUnits,
      window: "per_month",
      ...(knobs.monthlyRetryAfterHint ? { retryAfterSeconds: secondsToNextMonth(nowMs) } : {}),
    });
  }
  const used = minute.used(nowMs, knobs.minuteWindowMs, knobs.minuteWindow);
  if (used + units > plan.perMinute) {
    organization.totals.rateLimitedPerMinute += 1;
    const waitMs = minute.msUntilFree(nowMs, knobs.minuteWindowMs, knobs.minuteWindow, units, plan.perMinute);
    if (knobs.countRejected) count(organization, units, nowMs);
    throw toRateLimitError(knobs, {
      limit: plan.perMinute,
      current: used,
      window: "per_minute",
      ...(knobs.retryAfterHint ? { retryAfterSeconds: Math.ceil(waitMs / 1000) } : {}),
    });
  }
  count(organization, units, nowMs);
  organization.history.add(nowMs, units);
}

/** The documented 429: body of section 12, and a header when the knob says so. */
export function toRateLimitError(knobs: Knobs, facts: Fields): ApiError {
  const { retryAfterSeconds } = facts;
  const headers: Record<string, string> =
    knobs.retryAfterHeader && typeof retryAfterSeconds === "number" ? { "Retry-After": String(retryAfterSeconds) } : {};
  const message =
    facts["window"] === "per_month"
      ? "Monthly API call limit reached."
      : "Rate limit exceeded. Please wait before sending more requests.";
  return new ApiError(429, "rate_limit_exceeded", message, facts, headers);
}

function count(organization: Organization, units: number, nowMs: number): void {
  organization.minute.add(nowMs, units);
  organization.monthUnits += units;
}

function secondsToNextMonth(nowMs: number): number {
  const now = new Date(nowMs);
  return Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - nowMs) / 1000);
}
