import { expect, it } from "vitest";
import { toLongId } from "./record-ids.ts";

it.each([
  ["001000000000000", "001000000000000AAA"],
  ["00130000000abcD", "00130000000abcDAAQ"],
  ["0018000000MnSqU", "0018000000MnSqUAAV"],
  ["0018000000MnSqUAAV", "0018000000MnSqUAAV"],
  ["not an id", "not an id"],
  ["", ""],
])("%s is %s", (short, long) => {
  expect(toLongId(short)).toBe(long);
});

it("keeps ids apart that differ in upper and lower case only", () => {
  expect(toLongId("00130000000abcd")).not.toBe(toLongId("00130000000abcD"));
  expect(toLongId("00130000000abcd").toLowerCase()).not.toBe(toLongId("00130000000abcD").toLowerCase());
});
