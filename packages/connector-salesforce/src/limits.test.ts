import { describe, expect, it } from "vitest";
import { isShareUsed, parseLimitInfo } from "./limits.ts";

describe("Sforce-Limit-Info", () => {
  it.each([
    ["T38 alone", "api-usage=10018/100000", { used: 10_018, max: 100_000 }],
    ["T38 with bursts", "api-usage=18/5000; api-bursts=1/750", { used: 18, max: 5000 }],
    [
      "T38 with the app's own",
      "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)",
      { used: 25, max: 5000 },
    ],
    ["T38 with the app's own first", "per-app-api-usage=17/250(appName=x); api-usage=25/5000", { used: 25, max: 5000 }],
    ["T38 with spaces", "API-Usage = 5 / 10", { used: 5, max: 10 }],
    ["without the org's", "per-app-api-usage=17/250(appName=x)", null],
    ["of zero", "api-usage=0/0", null],
    ["empty", "", null],
    ["missing", null, null],
  ])("%s", (_what, header, expected) => {
    expect(parseLimitInfo(header)).toEqual(expected);
  });

  it.each([
    [79, 100, 0.8, false],
    [80, 100, 0.8, true],
    [100, 100, 1, true],
    [99, 100, 1, false],
    [150, 100, 1, true],
  ])("%i of %i with a share of %f", (used, max, share, expected) => {
    expect(isShareUsed({ used, max }, share)).toBe(expected);
  });
});
