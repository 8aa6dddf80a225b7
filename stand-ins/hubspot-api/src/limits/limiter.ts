import { randomUUID } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { App } from "../auth/apps.ts";
import { CallWindow } from "./call-window.ts";
import { DayCounter, msToMidnight } from "./day-counter.ts";
import type { Knobs } from "../knobs.ts";

export const TEN_SECONDS_MS = 10_000;
const SECOND_MS = 1000;

export type PolicyName = "TEN_SECONDLY_ROLLING" | "SECONDLY" | "DAILY";

/** Which limit a call falls under. */
export type LimitClass = "normal" | "search" | "association" | "none";

const tenSecondly = { free: 100, starter: 100, professional: 190, enterprise: 190 } as const;
const OAUTH_TEN_SECONDLY = 110;
const daily = { free: 250_000, starter: 250_000, professional: 625_000, enterprise: 1_000_000 } as const;
const associations = { free: 100, starter: 100, professional: 150, enterprise: 150 } as const;

/** Counts calls against the limits of a portal. */
export class Limiter {
  readonly #perApp = new Map<string, CallWindow>();
  readonly #searches = new CallWindow();
  readonly #associations = new CallWindow();
  readonly #day = new DayCounter();
  readonly #refused: Record<PolicyName, number> = { TEN_SECONDLY_ROLLING: 0, SECONDLY: 0, DAILY: 0 };

  /** Takes one call, or throws 429. A search counts per second and day, not per ten seconds. */
  admit(app: App, limitClass: LimitClass, knobs: Readonly<Knobs>, nowMs: number): void {
    if (limitClass === "none") return;
    const policy = knobs.rateLimits ? this.#exceeded(app, limitClass, knobs, nowMs) : undefined;
    if (policy === undefined || knobs.countRejected) this.#count(app, limitClass, knobs, nowMs);
    if (policy === undefined) return;
    this.#refused[policy] += 1;
    throw toRateLimitError(policy, knobs, nowMs);
  }

  /** The headers of a normal answer; a search has none of them. */
  headers(app: App, limitClass: LimitClass, knobs: Readonly<Knobs>, nowMs: number): Record<string, string> {
    if (limitClass === "none" || limitClass === "search") return {};
    const limit = toTenSecondLimit(app, knobs);
    const remaining = Math.max(0, limit - this.usedInTenSeconds(app, nowMs));
    const secondly = Math.floor(limit / 10);
    const headers: Record<string, string> = {
      "X-HubSpot-RateLimit-Max": String(limit),
      "X-HubSpot-RateLimit-Remaining": String(remaining),
      "X-HubSpot-RateLimit-Interval-Milliseconds": String(TEN_SECONDS_MS),
      "X-HubSpot-RateLimit-Secondly": String(secondly),
      "X-HubSpot-RateLimit-Secondly-Remaining": String(Math.min(Math.max(0, secondly - 1), remaining)),
    };
    if (app.kind === "oauth") return headers;
    const dailyLimit = toDailyLimit(knobs);
    headers["X-HubSpot-RateLimit-Daily"] = String(dailyLimit);
    headers["X-HubSpot-RateLimit-Daily-Remaining"] = String(
      Math.max(0, dailyLimit - this.#day.used(nowMs, knobs.timeZone)),
    );
    return headers;
  }

  usedInTenSeconds(app: App, nowMs: number): number {
    return this.#windowOf(app).count(nowMs, TEN_SECONDS_MS);
  }

  searchesInSecond(nowMs: number): number {
    return this.#searches.count(nowMs, SECOND_MS);
  }

  usedToday(knobs: Readonly<Knobs>, nowMs: number): number {
    return this.#day.used(nowMs, knobs.timeZone);
  }

  setUsedToday(calls: number, knobs: Readonly<Knobs>, nowMs: number): void {
    this.#day.set(calls, nowMs, knobs.timeZone);
  }

  /** Calls refused with 429 by the real limits, faults not included. */
  refused(): Readonly<Record<PolicyName, number>> {
    return { ...this.#refused };
  }

  #exceeded(app: App, limitClass: LimitClass, knobs: Readonly<Knobs>, nowMs: number): PolicyName | undefined {
    if (app.kind !== "oauth" && this.#day.used(nowMs, knobs.timeZone) >= toDailyLimit(knobs)) return "DAILY";
    if (limitClass === "search") return this.searchesInSecond(nowMs) >= knobs.searchPerSecond ? "SECONDLY" : undefined;
    if (this.usedInTenSeconds(app, nowMs) >= toTenSecondLimit(app, knobs)) return "TEN_SECONDLY_ROLLING";
    if (limitClass !== "association") return undefined;
    const limit = knobs.associationTenSecondLimit ?? associations[knobs.plan];
    return this.#associations.count(nowMs, TEN_SECONDS_MS) >= limit ? "TEN_SECONDLY_ROLLING" : undefined;
  }

  #count(app: App, limitClass: LimitClass, knobs: Readonly<Knobs>, nowMs: number): void {
    if (limitClass === "search") this.#searches.add(nowMs);
    else this.#windowOf(app).add(nowMs);
    if (limitClass === "association") this.#associations.add(nowMs);
    if (app.kind !== "oauth") this.#day.add(nowMs, knobs.timeZone);
  }

  #windowOf(app: App): CallWindow {
    const known = this.#perApp.get(app.name);
    if (known !== undefined) return known;
    const window = new CallWindow();
    this.#perApp.set(app.name, window);
    return window;
  }
}

export function toTenSecondLimit(app: App, knobs: Readonly<Knobs>): number {
  return knobs.tenSecondLimit ?? (app.kind === "oauth" ? OAUTH_TEN_SECONDLY : tenSecondly[knobs.plan]);
}

export function toDailyLimit(knobs: Readonly<Knobs>): number {
  return knobs.dailyLimit ?? daily[knobs.plan];
}

const sentences: Readonly<Record<PolicyName, string>> = {
  TEN_SECONDLY_ROLLING: "You have reached your ten_secondly_rolling limit.",
  SECONDLY: "You have reached your secondly limit.",
  DAILY: "You have reached your daily limit.",
};

/** The 429 of a policy, in the shape that differs from other errors. */
export function toRateLimitError(policyName: PolicyName, knobs: Readonly<Knobs>, nowMs: number): ApiError {
  const waitSeconds = {
    TEN_SECONDLY_ROLLING: 10,
    SECONDLY: 1,
    DAILY: Math.ceil(msToMidnight(nowMs, knobs.timeZone) / 1000),
  };
  return new ApiError(
    429,
    sentences[policyName],
    {
      errorType: "RATE_LIMIT",
      policyName,
      groupName: `publicapi:private-apps-api-calls-${policyName.toLowerCase().replaceAll("_", "-")}:4242`,
      requestId: randomUUID(),
    },
    knobs.retryAfterOn429 ? { "Retry-After": String(waitSeconds[policyName]) } : {},
  );
}
