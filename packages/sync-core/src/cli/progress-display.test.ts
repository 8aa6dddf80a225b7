import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Progress } from "../contracts/progress.ts";
import { createFakeIo } from "./__fixtures__/fake-io.ts";
import { toReceipt } from "./__fixtures__/reports.ts";
import { createProgressDisplay } from "./progress-display.ts";
import { progressLine, renderProgress } from "./render-progress.ts";
import { createStyle } from "./style.ts";
import { textWidth } from "./text-width.ts";

const progress: Progress = {
  phase: "reading",
  rows: { ...toReceipt().rows, read: 500, unchanged: 400, sent: 90, landed: 80, parked: 2, refused: 1 },
  estimatedRows: 1000,
  unsettledBatches: 2,
  units: 95,
  waitingFor: null,
  notices: [],
};
const io = createFakeIo({ cwd: "/", env: {} }).io;
const plain = createStyle(io.stdout, {});

describe("renderProgress", () => {
  it("shows a bar, the counts, and what is waited for", () => {
    const lines = renderProgress("customers", { ...progress, waitingFor: "the plan's minute (12 s)" }, 120, plain);
    expect(lines).toEqual([
      "customers: reading and sending  ████████████░░░░░░░░░░░░ 50 %",
      "  500 of about 1,000 read · 400 unchanged · 90 sent · 80 landed · 3 parked",
      "  95 units used · 2 batches under way · waits for the plan's minute (12 s)",
    ]);
  });

  it("never wraps, and never overruns its bar", () => {
    const rows = { ...progress.rows, read: 5000 };
    for (const columns of [21, 40, 80]) {
      for (const line of renderProgress("a-very-long-name-of-a-sync", { ...progress, rows }, columns, plain)) {
        expect(textWidth(line)).toBeLessThan(columns);
      }
    }
    expect(renderProgress("x", { ...progress, rows }, 100, plain)[0]).toContain("100 %");
  });

  it("is one line in a log", () => {
    expect(progressLine("customers", progress)).toMatch(/^customers: reading and sending: 500 of about 1,000 read/);
  });
});

describe("createProgressDisplay", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const run = (options: { terminal: boolean; quiet?: boolean; json?: boolean }) => {
    const fake = createFakeIo({ cwd: "/", terminal: options.terminal, env: { NO_COLOR: "1" }, now: () => Date.now() });
    const flags = { quiet: options.quiet ?? false, json: options.json ?? false };
    return { fake, display: createProgressDisplay(fake.io, flags, createStyle(fake.io.stderr, fake.io.env)) };
  };

  it("rewrites one block on a terminal, not too often, and takes it away", () => {
    const { fake, display } = run({ terminal: true });
    display.update("customers", progress);
    for (let index = 0; index < 50; index += 1) display.update("customers", { ...progress, units: index });
    expect(fake.err().match(/reading and sending/g)).toHaveLength(1);
    vi.advanceTimersByTime(100);
    expect(fake.err()).toContain("49 units");
    expect(fake.err().match(/reading and sending/g)).toHaveLength(2);
    display.finish();
    expect(fake.err().endsWith("\u001B[3A\u001B[0J")).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("shows several syncs below each other, each until it is done", () => {
    const { fake, display } = run({ terminal: true });
    display.update("a", progress);
    display.update("b", progress);
    vi.advanceTimersByTime(100);
    expect(fake.err()).toMatch(/a: reading[^]*b: reading/);
    const before = fake.err().length;
    display.done("a");
    const after = fake.err().slice(before);
    expect(after).toContain("b: reading");
    expect(after).not.toContain("a: reading");
    display.finish();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives a log a line for each sync, and none for those that are done", () => {
    const { fake, display } = run({ terminal: false });
    for (const sync of ["a", "b"]) display.update(sync, progress);
    vi.advanceTimersByTime(30_000);
    expect(fake.err().trimEnd().split("\n")).toHaveLength(2);
    display.done("a");
    vi.advanceTimersByTime(30_000);
    expect(fake.err().trimEnd().split("\n").at(-1)).toMatch(/^b: /);
    display.done("b");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("says a notice once for each sync, above the block", () => {
    const { fake, display } = run({ terminal: true });
    for (const sync of ["a", "a", "b"]) display.update(sync, { ...progress, notices: ["an open transaction"] });
    display.finish();
    expect(fake.err().match(/! a: an open transaction\n/g)).toHaveLength(1);
    expect(fake.err().match(/! b: an open transaction\n/g)).toHaveLength(1);
  });

  it("gives a log a line every 30 seconds, and nothing for a short run", () => {
    const { fake, display } = run({ terminal: false });
    display.update("customers", progress);
    vi.advanceTimersByTime(29_000);
    expect(fake.err()).toBe("");
    for (let second = 0; second < 65; second += 1) {
      display.update("customers", { ...progress, units: second });
      vi.advanceTimersByTime(1000);
    }
    expect(fake.err().trimEnd().split("\n")).toHaveLength(3);
    display.finish();
    expect(vi.getTimerCount()).toBe(0);
    expect(fake.err()).not.toContain("\u001B");
  });

  it.each([{ quiet: true }, { json: true }])("is silent with %j", (flags) => {
    for (const terminal of [true, false]) {
      const { fake, display } = run({ terminal, ...flags });
      display.update("customers", { ...progress, notices: ["x"] });
      display.print("line");
      vi.advanceTimersByTime(100_000);
      display.finish();
      expect(fake.err()).toBe("");
    }
  });
});
