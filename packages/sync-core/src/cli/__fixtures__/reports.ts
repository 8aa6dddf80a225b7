import type { Account } from "../../contracts/destination.ts";
import type { CheckReport, PlanReport, RetryReport, VerifyReport } from "../../contracts/job.ts";
import type { Receipt } from "../../contracts/receipt.ts";

const account: Account = {
  organizationId: "org_1",
  planName: "Free",
  callsPerMinute: 60,
  callsPerMonth: 10_000,
  usedThisMonth: 1200,
};

export function toReceipt(changes: Partial<Receipt> = {}): Receipt {
  return {
    sync: "customers",
    runId: "20261122T020000000Z-1",
    startedAt: "2026-11-22T02:00:00.000Z",
    finishedAt: "2026-11-22T02:03:20.000Z",
    outcome: "done",
    exitCode: 0,
    message: "Done; 8 rows landed",
    hint: null,
    landingMs: null,
    versions: { core: "0.0.0", connector: "1.2.3", sdk: "0.18.0" },
    configDigest: "d",
    organizationId: "org_1",
    proved: { field: "updated_at", after: null, through: "2026-11-22T01:59:00Z" },
    rows: {
      read: 1234,
      unchanged: 1220,
      filtered: 4,
      superseded: 0,
      unsent: 0,
      parked: 1,
      sent: 9,
      landed: 8,
      refused: 1,
      deleted: 0,
    },
    calls: 12,
    units: 21,
    waitedMs: { "the plan's minute": 61_000, nothing: 3 },
    aiCharacters: 4500,
    cursorBefore: null,
    cursorAfter: { at: 1 },
    previousReceipt: null,
    ...changes,
  };
}

export function toPlanReport(changes: Partial<PlanReport> = {}): PlanReport {
  return {
    sync: "customers",
    account,
    complete: true,
    rows: { read: 1234, adds: 7, changes: 2, unchanged: 1220, filtered: 4, superseded: 0, parked: 1 },
    deletes: null,
    calls: 9,
    units: 9,
    minutes: 1.5,
    month: { used: 1200, limit: 10_000, shareAfter: 0.1209 },
    aiCharacters: 4500,
    samples: [],
    parkedReasons: { "no email": 1 },
    findings: [],
    ...changes,
  };
}

export function toRetryReport(changes: Partial<RetryReport> = {}): RetryReport {
  return { sync: "customers", parked: 3, gone: 1, receipt: toReceipt(), ...changes };
}

export function toVerifyReport(changes: Partial<VerifyReport> = {}): VerifyReport {
  return {
    sync: "customers",
    rowsRead: 100,
    checked: 20,
    equal: 20,
    notLanded: 0,
    missing: [],
    different: [],
    withoutMemories: [],
    repaired: null,
    ...changes,
  };
}

export function toCheckReport(): CheckReport {
  return {
    account,
    collections: [
      {
        id: "col_1",
        name: "Contacts",
        entityType: "contact",
        properties: [
          { names: ["First Name", "first_name"], appendOnly: false },
          { names: ["history"], appendOnly: true },
        ],
      },
    ],
    stream: {
      name: "public.customers",
      fields: [],
      key: ["n"],
      cursorField: "n",
      cursorCandidates: [],
      estimatedRows: null,
    },
    findings: [],
  };
}
