import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCsvReader, type CsvPage, DamagedCsv } from "./csv.ts";

/** Reads a page that comes in pieces of so many bytes. */
function read(text: string, bytes = 7): CsvPage | null {
  const csv = Buffer.from(text);
  const reader = createCsvReader();
  for (let start = 0; start < csv.length; start += bytes) reader.write(csv.subarray(start, start + bytes));
  return reader.end();
}

const all = (page: CsvPage | null): unknown =>
  page === null ? null : [...(page.header === null ? [] : [page.header]), ...page.records()];
const write = (records: readonly (readonly string[])[]): string =>
  records.map((record) => `${record.map((value) => `"${value.replaceAll('"', '""')}"`).join(",")}\n`).join("");

describe("CSV", () => {
  it("T31 quotes, commas and line breaks in a field stay in it", () => {
    const records = [
      ["Id", "Description"],
      ["1", 'He said "no",\nand\r\nleft; \ttwice'],
      ["2", '"",""\n"'],
    ];
    expect(all(read(write(records)))).toEqual(records);
  });

  it("T31 NUL bytes are taken out and counted", () => {
    const page = read('"Id","T"\n"1","a\0b\0"\n');
    expect(page).toMatchObject({ count: 1, nulBytes: 2 });
    expect([...(page?.records() ?? [])]).toEqual([["1", "ab"]]);
  });

  it.each([
    ["nothing at all", "", 0],
    ["a header alone", '"Id","Name"\n', 0],
    ["a header without a line end", '"Id","Name"', 0],
    ["a last record without a line end", '"Id"\n"1"', 1],
    ["empty lines", '"Id"\n\n"1"\n\n', 1],
    ["bare values", "Id,Name\n1,\n", 1],
  ])("T41 %s", (_what, text, rows) => {
    const page = read(text);
    expect(page?.count).toBe(rows);
    expect([...(page?.records() ?? [])]).toHaveLength(rows);
  });

  it.each([
    ["cut off within quotes", '"Id","Name"\n"1","Ad'],
    ["cut off within a record", '"Id","Name"\n"1","Ada"\n"2"'],
    ["a record too long", '"Id"\n"1","2"\n'],
    ["a quote where none may be", '"Id"\nab"c\n'],
  ])("T42 %s is no page", (_what, text) => {
    expect(read(text)).toBeNull();
  });

  it.each([
    ["a record too long", '"Id"\n"1","2"\n"3"\n'],
    ["a record too short", '"Id","Name"\n"1"\n"3","Ada"\n'],
    ["a quote where none may be", '"Id"\n"0"\nab"c"\n"3"\n'],
  ])("T42 %s in the middle is noticed when it is reached", (_what, text) => {
    const page = read(text, 4);
    expect(() => [...(page?.records() ?? [])]).toThrow(DamagedCsv);
  });

  it("is the same in whatever pieces it comes", () => {
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
          const page = read(write([["x", "y"], ...rows]), bytes);
          expect(page?.count).toBe(rows.length);
          expect(all(page)).toEqual([["x", "y"], ...rows]);
        },
      ),
    );
  });
});
