import { expect, test } from "vitest";
import { judgeQuota } from "./judge-quota.ts";

const DAY = 86_400_000;
const OCTOBER = Date.UTC(2026, 9, 1);

test("a pace that leaves some of the month's quota is no alert", () => {
  expect(judgeQuota(OCTOBER + 15 * DAY, 4_800, 10_000)).toBeNull();
});

test("a pace that does not says when it ends", () => {
  expect(judgeQuota(OCTOBER + 10 * DAY, 5_000, 10_000)).toBe(
    "at the pace so far the month's quota is used up on 2026-10-21: 5000 of 10000 units are used",
  );
  expect(judgeQuota(OCTOBER + 10 * DAY, 10_000, 10_000)).toBe("the month's quota is used up: 10000 of 10000 units");
});

test("too little is known on the first day, of a tenth, and without a limit", () => {
  expect(judgeQuota(OCTOBER + DAY / 2, 9_000, 10_000)).toBeNull();
  expect(judgeQuota(OCTOBER + 2 * DAY, 999, 10_000)).toBeNull();
  expect(judgeQuota(OCTOBER + 10 * DAY, 9_000, null)).toBeNull();
});
