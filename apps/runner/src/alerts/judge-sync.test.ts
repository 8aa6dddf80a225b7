import type { Receipt, RowCounts } from "@acme/sync-core";
import { describe, expect, test } from "vitest";
import { judgeSync, type SyncFacts } from "./judge-sync.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 28);
const NO_ROWS: RowCounts = {
  read: 0,
  unchanged: 0,
  filtered: 0,
  superseded: 0,
  parked: 0,
  unsent: 0,
  sent: 0,
  landed: 0,
  refused: 0,
  deleted: 0,
};

function receipt(rows: Partial<RowCounts> = {}, rest: Partial<Receipt> = {}): Receipt {
  return {
    sync: "customers",
    runId: "run",
    startedAt: new Date(NOW).toISOString(),
    finishedAt: new Date(NOW).toISOString(),
    outcome: "done",
    exitCode: 0,
    message: "what happened",
    hint: null,
    landingMs: null,
    versions: { core: "1", connector: "1", sdk: "1" },
    configDigest: "",
    organizationId: "",
    proved: null,
    rows: { ...NO_ROWS, ...rows },
    calls: 0,
    units: 0,
    waitedMs: {},
    aiCharacters: 0,
    cursorBefore: "here",
    cursorAfter: "here",
    previousReceipt: null,
    ...rest,
  };
}

const judge = (rest: Partial<SyncFacts>) =>
  judgeSync({
    now: NOW,
    receipts: [],
    failure: null,
    landedRows: 0,
    parkedRows: [],
    freshAt: NOW,
    freshWithinMs: null,
    watchedSince: NOW,
    isPaused: false,
    ...rest,
  });

test("nothing is wrong with a sync that never ran, or ran well", () => {
  expect(judge({})).toEqual({});
  expect(judge({ receipts: [receipt({ read: 100, sent: 100, landed: 100 })], landedRows: 100 })).toEqual({});
  expect(judge({ receipts: [receipt({ read: 0 })], landedRows: 100 })).toEqual({});
});

describe("failed", () => {
  test.each([1, 2, 3, 6])("with exit code %i", (exitCode) => {
    expect(judge({ receipts: [receipt({}, { exitCode })] })).toEqual({ failed: "what happened" });
  });

  test("not with 0, 4 or an interruption; 5 is the quota's", () => {
    for (const exitCode of [0, 4, 130, 143]) expect(judge({ receipts: [receipt({}, { exitCode })] })).toEqual({});
    expect(judge({ receipts: [receipt({}, { exitCode: 5 })] })).toEqual({ quota: "what happened" });
  });

  test("when it could not begin, whatever the run before did", () => {
    expect(judge({ failure: "wrong password", receipts: [receipt({}, { exitCode: 5 })] })).toEqual({
      failed: "wrong password",
    });
  });
});

describe("empty", () => {
  const whole = { field: null, after: null, through: null } as const;

  test("where everything was read and nothing found, though rows have landed", () => {
    expect(judge({ receipts: [receipt({}, { proved: whole })], landedRows: 5 }).empty).toContain(
      "the source was empty",
    );
    expect(judge({ receipts: [receipt({}, { cursorBefore: null })], landedRows: 5 }).empty).toContain(
      "(5 have landed)",
    );
    const before = receipt({ read: 10 });
    expect(judge({ receipts: [receipt({}, { cursorBefore: null }), before] }).empty).toBeDefined();
  });

  test("not where only changes were read, or it was always empty, or the run did not come to its end", () => {
    expect(judge({ receipts: [receipt()], landedRows: 5 })).toEqual({});
    expect(judge({ receipts: [receipt({}, { proved: whole }), receipt({}, { proved: whole })] })).toEqual({});
    const failed = receipt({}, { proved: whole, exitCode: 6 });
    expect(judge({ receipts: [failed], landedRows: 5 }).empty).toBeUndefined();
  });
});

describe("errors", () => {
  const good = receipt({ read: 1000, sent: 1000, landed: 990, refused: 10 });

  test("when the share in trouble is well above what it was", () => {
    const bad = receipt({ read: 200, sent: 200, landed: 170, refused: 20, parked: 10 });
    expect(judge({ receipts: [bad, good, good] }).errors).toBe(
      "15 % of the rows read could not be delivered (30 of 200); in the 2 runs before it was 1.0 %",
    );
    expect(judge({ receipts: [bad] }).errors).toContain("there is no earlier run to compare with");
  });

  test("not for a few rows, a small share, or what was always so", () => {
    expect(judge({ receipts: [receipt({ read: 9, parked: 9 }), good] })).toEqual({});
    expect(judge({ receipts: [receipt({ read: 10_000, parked: 400 }), good] })).toEqual({});
    const always = receipt({ read: 100, parked: 30 });
    expect(judge({ receipts: [always, always, always] })).toEqual({});
  });
});

describe("parked", () => {
  test("when there are more after each of three runs", () => {
    expect(judge({ parkedRows: [9, 5, 3, 2] }).parked).toContain("to 9");
    expect(judge({ parkedRows: [9, 5, 3] })).toEqual({});
    expect(judge({ parkedRows: [9, 9, 3, 2] })).toEqual({});
    expect(judge({ parkedRows: [4, 5, 3, 2] })).toEqual({});
  });
});

describe("stale", () => {
  const limit = { freshWithinMs: 24 * HOUR };

  test("when the last good run began too long ago", () => {
    expect(judge({ ...limit, freshAt: NOW - 24 * HOUR })).toEqual({});
    expect(judge({ ...limit, freshAt: NOW - 30 * HOUR })).toEqual({
      stale: "the last run that ended well began 30 h ago; the limit is 24 h",
    });
  });

  test("counted from the runner's start where there was none", () => {
    expect(judge({ ...limit, freshAt: null })).toEqual({});
    expect(judge({ ...limit, freshAt: null, watchedSince: NOW - 25 * HOUR }).stale).toContain("since the runner began");
  });

  test("not while it is paused, nor without a limit", () => {
    expect(judge({ ...limit, freshAt: 0, isPaused: true })).toEqual({});
    expect(judge({ freshAt: 0 })).toEqual({});
  });
});
