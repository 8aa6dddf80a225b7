import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../contracts/destination.ts";
import { toOutcome } from "./to-outcome.ts";

const named = (index: number, code = "CONTENT_TOO_LARGE") => ({
  index,
  code,
  reason: `the destination refused the row: ${code}`,
});

describe("the end of an event", () => {
  it.each<[string, Outcome["state"]]>([
    ["pending", "in-flight"],
    ["processing", "in-flight"],
    ["received", "in-flight"],
    ["queued", "in-flight"],
    ["running", "in-flight"],
    ["completed", "landed"],
    ["succeeded", "landed"],
    ["COMPLETED", "landed"],
    ["partial_failure", "partial"],
    ["partial_completed", "partial"],
    ["partial", "partial"],
    ["failed", "failed"],
    ["failed_stale", "failed"],
    ["archived", "in-flight"],
    ["", "in-flight"],
  ])("%j is %s", (status, state) => {
    expect(toOutcome({ status }, 5).state).toBe(state);
  });

  it.each([undefined, null, "completed", [], {}, { status: 3 }, { status: null }])(
    "%j says nothing: still in flight",
    (event) => {
      expect(toOutcome(event, 5)).toEqual({ state: "in-flight" });
    },
  );

  it("sends the same again only where the service lost the work", () => {
    expect(toOutcome({ status: "failed_stale" }, 5)).toMatchObject({ again: true });
    expect(toOutcome({ status: "failed", error: "server_error" }, 5)).toMatchObject({
      again: false,
      reason: "server_error",
    });
  });

  const places: [string, (list: unknown) => Record<string, unknown>][] = [
    "errors",
    "failures",
    "failedRows",
    "rows",
  ].flatMap((name): [string, (list: unknown) => Record<string, unknown>][] => [
    [name, (list) => ({ [name]: list })],
    [`responsePayload.${name}`, (list) => ({ responsePayload: { [name]: list } })],
    [`error.${name}`, (list) => ({ error: { code: "PARTIAL_FAILURE", [name]: list } })],
  ]);

  it.each(places)("finds the failed rows in %s, in either spelling", (_, put) => {
    for (const entry of [
      { index: 3, code: "CONTENT_TOO_LARGE", message: "the row says Jane" },
      { rowIndex: 3, error: "CONTENT_TOO_LARGE" },
      { index: 3, error: { code: "CONTENT_TOO_LARGE", message: "Jane" } },
    ]) {
      const outcome = toOutcome({ status: "partial_failure", ...put([entry]) }, 5);
      expect(outcome).toMatchObject({ state: "partial", failures: [named(3)] });
      expect(JSON.stringify(outcome)).not.toContain("Jane");
    }
  });

  it("does not trust a good word beside a list of failures", () => {
    expect(toOutcome({ status: "completed", errors: [named(0)] }, 2)).toMatchObject({
      state: "partial",
      failures: [named(0)],
    });
    expect(toOutcome({ status: "completed", errors: [] }, 2)).toEqual({ state: "landed" });
  });

  it("takes an entry of `rows` without a code for a row that landed", () => {
    const rows = [{ index: 0, status: "ok" }, { index: 1, code: "CONTENT_TOO_LARGE" }, { index: 2 }];
    expect(toOutcome({ status: "partial", rows }, 3)).toMatchObject({ failures: [named(1)] });
    expect(toOutcome({ status: "completed", rows: [{ index: 0, status: "ok" }] }, 1)).toEqual({ state: "landed" });
  });

  it("counts a row that is listed as failed without a code as failed", () => {
    const outcome = toOutcome({ status: "partial", errors: [named(0), { index: 2, message: "Jane" }] }, 3);
    expect(outcome).toMatchObject({ state: "partial", failures: [named(0), { index: 2, code: "REFUSED" }] });
    expect(JSON.stringify(outcome)).not.toContain("Jane");
  });

  it.each<[string, unknown]>([
    ["an index behind the end", { index: 5, code: "A_CODE" }],
    ["an index before the beginning", { index: -1, code: "A_CODE" }],
    ["an index that is no whole number", { index: 1.5, code: "A_CODE" }],
    ["an index that is text", { index: "1", code: "A_CODE" }],
    ["the documented inline form, which has no index", { email: "jane@x.y", content: "c", message: "Jane" }],
    ["a text", "Jane failed"],
  ])("never takes the other rows for landed when one failure cannot be placed: %s", (_, entry) => {
    for (const status of ["partial_failure", "completed"]) {
      for (const errors of [[entry], [named(0), entry]]) {
        const outcome = toOutcome({ status, errors }, 5);
        expect(outcome).toMatchObject({ state: "partial", failures: null });
        expect(JSON.stringify(outcome)).not.toContain("Jane");
      }
    }
  });

  it("never takes the other rows for landed when more failed than are listed", () => {
    expect(toOutcome({ status: "partial", errors: [named(0)], failedCount: 3 }, 5)).toMatchObject({ failures: null });
    expect(toOutcome({ status: "partial", responsePayload: { errors: [named(0)], failedCount: 1 } }, 5)).toMatchObject({
      failures: [named(0)],
    });
    expect(toOutcome({ status: "succeeded", recordCount: 5, successCount: 3, failedCount: 2 }, 5)).toMatchObject({
      state: "partial",
      failures: null,
    });
    expect(toOutcome({ status: "succeeded", recordCount: 5, successCount: 5, failedCount: 0 }, 5)).toEqual({
      state: "landed",
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ["partial, the event's error", { status: "partial_failure", error: "INSUFFICIENT_CREDITS" }],
    ["partial, one row", { status: "partial_failure", errors: [named(0), named(1, "INSUFFICIENT_CREDITS")] }],
    ["failed, the event's error", { status: "failed", error: { code: "INSUFFICIENT_CREDITS" } }],
    ["failed, every row", { status: "failed", errors: [named(0, "OUT_OF_CREDITS"), named(1, "OUT_OF_CREDITS")] }],
    ["completed, one row", { status: "completed", errors: [named(1, "INSUFFICIENT_CREDITS")] }],
  ])("knows that the credits ran out: %s", (_, event) => {
    expect(toOutcome(event, 2)).toEqual({ state: "out-of-credits" });
  });

  it("uses codes for reasons, never words", () => {
    const codeless = ["Some rows of Jane could not be processed", "Jane", "jane.doe"];
    for (const error of codeless) {
      for (const status of ["partial", "failed"])
        expect(toOutcome({ status, error }, 2)).toMatchObject({ reason: status });
    }
  });

  it("lands only what nothing speaks against, whatever the body", () => {
    const entry = fc.oneof(
      fc.nat(6).map((index) => named(index)),
      fc.record({ email: fc.string() }),
      fc.string(),
    );
    const body = fc.record({
      status: fc.constantFrom("completed", "succeeded", "partial", "partial_failure", "failed"),
      errors: fc.array(entry, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(body, fc.integer({ min: 1, max: 5 }), (event, rowCount) => {
        const outcome = toOutcome(event, rowCount);
        if (outcome.state === "landed") expect(event.errors).toEqual([]);
        if (outcome.state === "partial" && outcome.failures !== null)
          expect(outcome.failures).toHaveLength(event.errors.length);
      }),
    );
  });
});
