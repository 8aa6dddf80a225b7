import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseJson, toIsoTime, toKind, toPlainDecimal, toValue, type ValueKind } from "./values.ts";

/** Salesforce's type, as REST (JSON text) has it, as Bulk (CSV field) has it, and what both become. */
const forms: readonly (readonly [string, string, string, unknown])[] = [
  ["datetime", '"2026-03-02T10:15:42.000+0000"', "2026-03-02T10:15:42.000Z", "2026-03-02T10:15:42.000Z"],
  ["date", '"2026-04-19"', "2026-04-19", "2026-04-19"],
  ["time", '"13:05:00.000Z"', "13:05:00.000Z", "13:05:00.000Z"],
  ["boolean", "true", "true", true],
  ["boolean", "false", "false", false],
  ["int", "12", "12", 12],
  ["int", "-3", "-3.0", -3],
  ["double", "16147805824397.0", "1.6147805824397E13", "16147805824397"],
  ["double", "0.00012", "1.2E-4", "0.00012"],
  ["currency", "25000.0", "25000.0", "25000"],
  ["currency", "25000", "2.5E4", "25000"],
  ["currency", "-0.5", "-0.50", "-0.5"],
  ["percent", "0", "0.0", "0"],
  ["double", "123456789012345678", "123456789012345678", "123456789012345678"],
  ["double", "1234567890123456.78", "1.23456789012345678E15", "1234567890123456.78"],
  ["string", '"01234"', "01234", "01234"],
  ["string", '"NA"', "NA", "NA"],
  ["string", '"null"', "null", "null"],
  ["string", '"None"', "None", "None"],
  ["string", "null", "", null],
  ["string", '""', "", null],
  ["currency", "null", "", null],
  ["boolean", "null", "", null],
  ["multipicklist", '"A;B;C"', "A;B;C", "A;B;C"],
  ["textarea", '"one\\ntwo \\"three\\""', 'one\ntwo "three"', 'one\ntwo "three"'],
  ["textarea", '"a\\u0000b"', "a\0b", "ab"],
  ["reference", '"0018000000MnSqU"', "0018000000MnSqUAAV", "0018000000MnSqUAAV"],
  ["picklist", '"no longer listed"', "no longer listed", "no longer listed"],
  ["anyType", "12.5", "12.5", "12.5"],
];

const tally = { nulBytes: 0 };

describe("REST and Bulk give the same value", () => {
  it.each(forms)("%s: %s and %s", (type, json, csv, expected) => {
    const { kind } = toKind(type);
    const [value] = z.array(z.unknown()).parse(parseJson(`[${json}]`));
    expect(toValue(value, kind, tally)).toEqual(expected);
    expect(toValue(csv, kind, tally)).toEqual(expected);
  });
});

it("counts the NUL bytes that it takes out", () => {
  const counted = { nulBytes: 0 };
  expect(toValue("a\0b\0", "text", counted)).toBe("ab");
  expect(counted.nulBytes).toBe(2);
});

it("keeps what it does not understand", () => {
  const odd: readonly (readonly [unknown, ValueKind, unknown])[] = [
    ["soon", "datetime", "soon"],
    ["many", "decimal", "many"],
    ["perhaps", "boolean", "perhaps"],
    ["1.5", "integer", "1.5"],
    ["99999999999999999999", "integer", "99999999999999999999"],
  ];
  for (const [raw, kind, expected] of odd) expect(toValue(raw, kind, tally)).toEqual(expected);
});

it.each([
  ["1E0", "1"],
  ["-1.50E1", "-15"],
  ["1.6E+3", "1600"],
  ["1e-7", "0.0000001"],
  ["00012.3400", "12.34"],
  [".5", "0.5"],
  ["-0", "0"],
  ["-0.0", "0"],
  ["+7", "7"],
  ["", ""],
  [".", "."],
  ["1.2.3", "1.2.3"],
  ["1E99999", "1E99999"],
])("%s without exponent is %s", (given, plain) => {
  expect(toPlainDecimal(given)).toBe(plain);
});

it("never changes a number, however it is spelled", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(toPlainDecimal(value.toExponential()))).toBe(value === 0 ? 0 : value);
      expect(toPlainDecimal(value.toExponential())).toBe(toPlainDecimal(String(value)));
    }),
  );
});

it.each([
  ["2026-03-02T10:15:42.000+0000", "2026-03-02T10:15:42.000Z"],
  ["2026-03-02T10:15:42Z", "2026-03-02T10:15:42.000Z"],
  ["2026-03-02T10:15:42.5+01:00", "2026-03-02T09:15:42.500Z"],
  ["2026-03-02T10:15:42.000-0730", "2026-03-02T17:45:42.000Z"],
])("%s is %s", (given, iso) => {
  expect(toIsoTime(given)).toBe(iso);
});

describe("JSON", () => {
  it("keeps every digit of a long number, and leaves texts alone", () => {
    const text = '{"a":123456789012345678,"b":1.5,"c":"123456789012345678","d":[0.12345678901234567]}';
    expect(parseJson(text)).toEqual({
      a: "123456789012345678",
      b: 1.5,
      c: "123456789012345678",
      d: ["0.12345678901234567"],
    });
  });

  it("is what JSON.parse makes of it where no number is long", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        if (!/\d{9}/.test(text)) expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

it("does not offer what cannot be read", () => {
  expect(toKind("address").unreadable).toContain("parts");
  expect(toKind("location").unreadable).toContain("parts");
  expect(toKind("base64").unreadable).not.toBeNull();
  expect(toKind("complexvalue")).toEqual({ kind: "text", type: "text", unreadable: null });
});
