import { expect, test } from "vitest";
import { toExponentForm } from "./values.ts";

test.each([
  ["0", "0"],
  ["9999999.99", "9999999.99"],
  ["10000000", "1.0E7"],
  ["16147805824397", "1.6147805824397E13"],
  ["-16147805824397.5", "-1.61478058243975E13"],
  ["123456789012345678", "1.23456789012345678E17"],
  ["12000000.50", "1.20000005E7"],
  ["0.001", "0.001"],
  ["0.00012", "1.2E-4"],
  ["-0.0005", "-5.0E-4"],
])("%s is written as %s", (decimal, text) => {
  expect(toExponentForm(decimal)).toBe(text);
  expect(Number(text)).toBe(Number(decimal));
});
