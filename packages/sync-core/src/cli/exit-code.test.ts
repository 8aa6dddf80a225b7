import { describe, expect, it } from "vitest";
import { QuotaStop } from "../contracts/destination.ts";
import { AuthError, BugError, ConfigError, RecordError, TransientError } from "../contracts/errors.ts";
import { exitCodeOf, worstExitCode } from "./exit-code.ts";

describe("exitCodeOf", () => {
  const foreignQuotaStop = Object.assign(new Error("the month is used up"), { name: "QuotaStop" });
  it.each([
    [new ConfigError("x"), 2],
    [new AuthError("x"), 3],
    [new RecordError("key", "x"), 4],
    [new QuotaStop("x"), 5],
    [foreignQuotaStop, 5],
    [new TransientError("x"), 6],
    [new BugError("x"), 1],
    [new Error("x"), 1],
    ["text", 1],
    [undefined, 1],
  ])("%s → %i", (error, code) => expect(exitCodeOf(error)).toBe(code));
});

describe("worstExitCode", () => {
  it.each([
    [[], 0],
    [[0, 0], 0],
    [[0, 4], 4],
    [[4, 5], 5],
    [[5, 6], 6],
    [[6, 3], 3],
    [[3, 2], 2],
    [[2, 1, 0], 1],
    [[0, 77], 1],
    [[1, 130], 130],
  ])("%j → %i", (codes, worst) => expect(worstExitCode(codes)).toBe(worst));

  it("an interruption wins", () => {
    expect(worstExitCode([1, 2], { signal: "SIGINT" })).toBe(130);
    expect(worstExitCode([], { signal: "SIGTERM" })).toBe(143);
  });
});
