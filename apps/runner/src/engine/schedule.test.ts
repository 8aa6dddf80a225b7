import { ConfigError } from "@acme/sync-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSchedule, type Schedule } from "./schedule.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const HOUR = 3_600_000;

const schedule = (cron: string, rest: Partial<Parameters<typeof createSchedule>[0]> = {}, now = NOW): Schedule =>
  createSchedule({ sync: "customers", cron, timezone: "UTC", jitterMs: 0, missed: "once", ...rest }, now);

/** The moments in (after, until], as ISO texts to the minute. */
function moments(of: Schedule, after: number, until: number): string[] {
  const found: string[] = [];
  for (let at = of.next(after); at !== null && at <= until; at = of.next(at))
    found.push(new Date(at).toISOString().slice(0, 16));
  return found;
}

describe("a schedule", () => {
  test("fires at its moments, in its time zone", () => {
    expect(moments(schedule("0 2 * * *"), NOW, NOW + 48 * HOUR)).toEqual(["2026-11-29T02:00", "2026-11-30T02:00"]);
    expect(moments(schedule("0 2 * * *", { timezone: "Asia/Kolkata" }), NOW, NOW + 24 * HOUR)).toEqual([
      "2026-11-28T20:30",
    ]);
    expect(moments(schedule("0 9 * * MON-FRI"), NOW, NOW + 72 * HOUR)).toEqual([
      "2026-11-30T09:00",
      "2026-12-01T09:00",
    ]);
    expect(moments(schedule("@daily"), NOW, NOW + 24 * HOUR)).toEqual(["2026-11-29T00:00"]);
    expect(schedule("*/10 * * * * *").next(NOW)).toBe(NOW + 10_000);
  });

  test("comes right after the gap when clocks go forward over its time, once", () => {
    const berlin = schedule("30 2 * * *", { timezone: "Europe/Berlin" });
    const from = Date.UTC(2027, 2, 27, 12);
    expect(moments(berlin, from, from + 48 * HOUR)).toEqual(["2027-03-28T01:00", "2027-03-29T00:30"]);
  });

  test("comes once when clocks go back over its time, also where it lists several", () => {
    const from = Date.UTC(2027, 9, 30, 12);
    const once = schedule("30 2 * * *", { timezone: "Europe/Berlin" });
    expect(moments(once, from, from + 48 * HOUR)).toEqual(["2027-10-31T00:30", "2027-11-01T01:30"]);
    const listed = schedule("30 2,14 * * *", { timezone: "Europe/Berlin" });
    expect(moments(listed, from, from + 24 * HOUR)).toEqual(["2027-10-30T12:30", "2027-10-31T00:30"]);
  });

  test("with a step goes on through both changes without a gap", () => {
    const stepped = schedule("*/30 * * * *", { timezone: "Europe/Berlin" });
    for (const day of [Date.UTC(2027, 2, 27, 23), Date.UTC(2027, 9, 30, 23)]) {
      for (let at = day; at < day + 8 * HOUR; at += HOUR / 2) expect(stepped.next(at)).toBe(at + HOUR / 2);
    }
  });

  test("knows its last moment: what was reached step by step", () => {
    const crons = ["* * * * *", "*/7 * * * *", "30 2 * * *", "0 0 1 * *", "15 3,15 * * 1-5", "*/20 * * * * *"];
    fc.assert(
      fc.property(
        fc.constantFrom(...crons),
        fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"),
        fc.integer({ min: Date.UTC(2027, 0), max: Date.UTC(2028, 0) }),
        fc.integer({ min: 0, max: 3 * HOUR }),
        (cron, timezone, from, forMs) => {
          const one = schedule(cron, { timezone });
          let last: number | null = null;
          for (let at = one.next(from); at !== null && at <= from + forMs; at = one.next(at)) last = at;
          const found = one.last(from + forMs);
          if (last === null) expect(found === null || found <= from).toBe(true);
          else expect(found).toBe(last);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("is delayed by an amount that is always the same for a sync, and spread over all of them", () => {
    const delays = Array.from(
      { length: 1000 },
      (_, at) => schedule("* * * * *", { sync: `sync-${at}`, jitterMs: 60_000 }).delayMs,
    );
    expect(delays).toEqual(
      Array.from({ length: 1000 }, (_, at) => schedule("* * * * *", { sync: `sync-${at}`, jitterMs: 60_000 }).delayMs),
    );
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60_000);
    const quarters = [0, 0, 0, 0];
    for (const delay of delays) quarters[Math.min(3, Math.floor(delay / 15_000))]! += 1;
    for (const count of quarters) expect(count).toBeGreaterThan(150);
    expect(schedule("* * * * *").delayMs).toBe(0);
  });

  test("has another expression in another time zone", () => {
    expect(schedule("0 2 * * *").expression).not.toBe(schedule("0 2 * * *", { timezone: "Europe/Berlin" }).expression);
  });
});

describe("a schedule that cannot be", () => {
  test.each([
    { cron: "0 0 31 2 *", says: '"0 0 31 2 *" never fires' },
    { cron: "0 0 30 FEB *", says: "never fires" },
    { cron: "every day", says: "is no cron expression" },
    { cron: "* * *", says: "is no cron expression" },
    { cron: "61 * * * *", says: "Invalid value for minute: 61" },
    { cron: "0 0 * * * * 2027", says: "is no cron expression" },
  ])("$cron: a ConfigError that says which", ({ cron, says }) => {
    const make = () => schedule(cron);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow("syncs.customers.schedule: ");
    expect(make).toThrow(says);
  });
});
