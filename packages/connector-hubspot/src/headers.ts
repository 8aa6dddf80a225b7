import { QuotaStop } from "@acme/sync-core";
import type { BurstLimit } from "./pacer.ts";

type Header = (name: string) => string | null;

/** The account's daily calls are down to what was to be left for others. Ends the run like the limit itself. */
export class DailyReserveReached extends QuotaStop {
  constructor(left: number, reserve: number, doing: string) {
    super(
      `${doing}: ${left} calls of HubSpot's daily limit are left, and dailyReserve keeps ${reserve} for others. The limit starts again at midnight in the account's time zone; the next run goes on from the last page`,
    );
  }
}

/** HubSpot's clock, in whole seconds, so at most a second behind it. */
export function serverTimeOf(header: Header): number | null {
  const ms = Date.parse(header("date") ?? "");
  return Number.isNaN(ms) ? null : ms;
}

/** The limit of ten seconds. Absent from answers of the search endpoint. */
export function readBurstLimit(header: Header): BurstLimit | null {
  const max = whole(header("x-hubspot-ratelimit-max"));
  const remaining = whole(header("x-hubspot-ratelimit-remaining"));
  if (max === null || remaining === null || max === 0) return null;
  return { max, remaining, intervalMs: whole(header("x-hubspot-ratelimit-interval-milliseconds")) ?? 10_000 };
}

/** Calls left today. Sent to private apps only. */
export function readDailyRemaining(header: Header): number | null {
  return whole(header("x-hubspot-ratelimit-daily-remaining"));
}

function whole(text: string | null): number | null {
  const value = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isInteger(value) && value >= 0 ? value : null;
}
