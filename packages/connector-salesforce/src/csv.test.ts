import * as fc from "fast-check";
import { TransientError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { countRecords } from "./bulk.ts";
import { endOfSlice, readCsv } from "./csv.ts";

const tally = { nulBytes: 0 };
const read = (text: string): readonly (readonly string[])[] => [...readCsv(Buffer.from(text), "reading", tally)].flat();
const write = (records: readonly (readonly string[])[]): string =>
  records.map((record) => `${record.map((value) => `"${value.replaceAll('"', '""')}"`).join(",")}\n`).join("");

describe("CSV", () => {
  it("T31 quotes, commas and line breaks in a field stay in it", () => {
    const records = [
      ["Id", "Description"],
      ["1", 'He said "no",\nand\r\nleft; \ttwice'],
      ["2", '"",""\n"'],
    ];
    expect(read(write(records))).toEqual(records);
    expect(countRecords(Buffer.from(write(records)))).toBe(2);
  });

  it("T31 NUL bytes are taken out and counted", () => {
    const counted = { nulBytes: 0 };
    const rows = [...readCsv(Buffer.from('"Id","T"\n"1","a\0b\0"\n'), "reading", counted)].flat();
    expect(rows[1]).toEqual(["1", "ab"]);
    expect(counted.nulBytes).toBe(2);
  });

  it.each([
    ["nothing at all", "", 0],
    ["a header alone", '"Id","Name"\n', 0],
    ["a header without a line end", '"Id","Name"', 0],
    ["a last record without a line end", '"Id"\n"1"', 1],
    ["empty lines", '"Id"\n\n"1"\n\n', 1],
    ["bare values", "Id,Name\n1,\n", 1],
  ])("T41 %s", (_what, text, rows) => {
    expect(Math.max(0, read(text).length - 1)).toBe(rows);
    expect(countRecords(Buffer.from(text))).toBe(rows);
  });

  it.each([
    ["cut off within quotes", '"Id","Name"\n"1","Ad'],
    ["cut off within a record", '"Id","Name"\n"1","Ada"\n"2"'],
    ["a record too long", '"Id"\n"1","2"\n'],
    ["a quote where none may be", '"Id"\nab"c\n'],
  ])("T42 %s is a passing fault that says nothing of the contents", (_what, text) => {
    expect(() => read(text)).toThrow(TransientError);
    expect(() => read(text)).not.toThrow(/Ada|ab"c/);
  });

  it("is the same however it is divided into slices, and counted as it is read", () => {
    const value = fc.string({
      unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é", " ", "😀"),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        (rows, bytes) => {
          const csv = Buffer.from(write([["x", "y"], ...rows]));
          const slices: string[] = [];
          for (let start = 0; start < csv.length; ) {
            const end = endOfSlice(csv, start, bytes);
            slices.push(csv.subarray(start, end).toString());
            start = end;
          }
          expect(slices.join("")).toBe(csv.toString());
          expect(slices.flatMap((slice) => read(slice))).toEqual([["x", "y"], ...rows]);
          expect(countRecords(csv)).toBe(rows.length);
        },
      ),
    );
  });
});
