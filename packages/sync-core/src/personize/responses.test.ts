import { describe, expect, it } from "vitest";
import type { Delivery } from "../contracts/destination.ts";
import { TransientError } from "../contracts/errors.ts";
import { statesMinuteLimit, toAcceptance, toAccount, toStoredRecord } from "./responses.ts";

describe("me()", () => {
  it("is an account with the limits of its plan", () => {
    const envelope = {
      success: true,
      data: {
        organization: { id: "org_1" },
        plan: { id: "pro", name: "Pro", limits: { maxApiCallsPerMinute: 300, maxApiCallsPerMonth: 250_000 } },
      },
    };
    expect(toAccount(envelope)).toEqual({
      organizationId: "org_1",
      planName: "Pro",
      callsPerMinute: 300,
      callsPerMonth: 250_000,
      usedThisMonth: 0,
    });
  });

  it.each([
    {},
    { data: null },
    { data: { plan: { limits: { maxApiCallsPerMinute: "60", maxApiCallsPerMonth: -1 } } } },
  ])("%j states no limits", (envelope) => {
    expect(toAccount(envelope)).toMatchObject({
      organizationId: "unknown",
      planName: "unknown",
      callsPerMinute: 60,
      callsPerMonth: null,
    });
    expect(statesMinuteLimit(envelope)).toBe(false);
  });

  it("has no limit where none could be reached", () => {
    const limits = { maxApiCallsPerMinute: Number.MAX_SAFE_INTEGER, maxApiCallsPerMonth: Number.MAX_SAFE_INTEGER };
    const envelope = { data: { plan: { limits } } };
    expect(toAccount(envelope)).toMatchObject({ callsPerMinute: null, callsPerMonth: null });
    expect(statesMinuteLimit(envelope)).toBe(true);
  });

  it("calls a plan without a name by its id", () => {
    expect(toAccount({ data: { plan: { id: "free", name: "" } } }).planName).toBe("free");
  });
});

describe("the answer to a batch", () => {
  const settled = (outcome: Extract<Delivery, { state: "settled" }>["outcome"]): Delivery => ({
    state: "settled",
    ambiguous: false,
    outcome,
  });

  it.each<[string, unknown, unknown]>([
    ["an event", { eventId: "evt_1" }, { state: "accepted", eventId: "evt_1", ambiguous: false }],
    ["a tracking id", { trackingId: "trk_1", queued: 3 }, { state: "accepted", eventId: "trk_1", ambiguous: false }],
    ["both: the event", { eventId: "e", trackingId: "t" }, { state: "accepted", eventId: "e", ambiguous: false }],
    ["a count of all rows", { memorized: 3 }, settled({ state: "landed" })],
    ["no errors", { errors: [] }, settled({ state: "landed" })],
    [
      "a row that failed, by index",
      { memorized: 2, errors: [{ index: 1, code: "A_CODE" }] },
      settled({
        state: "partial",
        reason: 'rows failed, although the event is "completed"',
        failures: [{ index: 1, code: "A_CODE", reason: "the destination refused the row: A_CODE" }],
      }),
    ],
    [
      "fewer rows than were sent",
      { memorized: 2 },
      settled({ state: "partial", failures: null, reason: "2 of 3 rows were stored, 0 failures were explained" }),
    ],
    [
      "a row that failed, as the guide has it",
      { errors: [{ email: "jane@example.com", content: "text", message: "no" }] },
      settled({ state: "partial", failures: null, reason: 'rows failed, although the event is "completed"' }),
    ],
    [
      "a row that failed, as the guide has it, with a count",
      { memorized: 2, errors: [{ email: "jane@example.com", content: "text", message: "no" }] },
      settled({ state: "partial", failures: null, reason: "2 of 3 rows were stored, 0 failures were explained" }),
    ],
  ])("%s", (_, data, expected) => {
    const delivery = toAcceptance({ success: true, data }, 3, false);
    expect(delivery).toEqual(expected);
    expect(JSON.stringify(delivery)).not.toContain("jane");
  });

  it("stays ambiguous", () => {
    expect(toAcceptance({ data: { eventId: "e" } }, 1, true)).toMatchObject({ ambiguous: true });
    expect(toAcceptance({ data: { memorized: 1 } }, 1, true)).toMatchObject({ ambiguous: true });
  });

  it.each([{}, { data: {} }, { data: { eventId: "" } }, { data: { queued: 3 } }, null])(
    "%j says neither what to follow nor what happened",
    (envelope) => {
      expect(() => toAcceptance(envelope, 3, false)).toThrow(TransientError);
    },
  );
});

describe("a record that was searched for", () => {
  it("is read with the values of its properties, wrapped or plain", () => {
    const envelope = {
      data: {
        recordIds: ["REC#1"],
        records: {
          "REC#1": { name: { value: "Ada", collectionId: "col_1" }, age: 36, tags: { value: ["a", { b: null }] } },
          "REC#2": { name: "other" },
        },
      },
    };
    expect(toStoredRecord(envelope)).toEqual({
      recordId: "REC#1",
      properties: { name: "Ada", age: 36, tags: ["a", { b: null }] },
      memoryCount: null,
    });
  });

  it("takes the only record where no ids are listed", () => {
    expect(toStoredRecord({ data: { records: { "REC#7": { a: null } } } })).toMatchObject({
      recordId: "REC#7",
      properties: { a: null },
    });
  });

  it.each([{ data: { recordIds: [], records: {} } }, { data: { records: {} } }, { data: [] }, {}, null])(
    "is not there in %j",
    (envelope) => {
      expect(toStoredRecord(envelope)).toBeNull();
    },
  );
});
