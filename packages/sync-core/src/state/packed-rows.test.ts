import * as fc from "fast-check";
import { expect, test } from "vitest";
import { packRows, unpackRows } from "./packed-rows.ts";

const digest = Uint8Array.of(1, 2, 3);

test.each([
  { what: "nothing", rows: [], hex: "0100" },
  { what: "one row", rows: [{ key: "k", record: "re", digest }], hex: "0101016b02726503010203" },
  { what: "empty parts", rows: [{ key: "", record: "", digest: new Uint8Array() }], hex: "0101000000" },
  {
    what: "more than one byte a letter",
    rows: [{ key: "é", record: "🙂", digest }],
    hex: "010102c3a904f09f998203010203",
  },
])("$what", ({ rows, hex }) => {
  expect(Buffer.from(packRows(rows)).toString("hex")).toBe(hex);
  expect(unpackRows(Buffer.from(hex, "hex"))).toEqual(rows);
});

test("any rows come back as they were", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 120, maxLength: 20_000 }));
  const row = fc.record({ key: text, record: text, digest: fc.uint8Array({ maxLength: 200 }) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 150 }), (rows) => {
      expect(unpackRows(packRows(rows))).toEqual(
        rows.map((each) => ({ ...each, digest: Uint8Array.from(each.digest) })),
      );
    }),
    { numRuns: 200 },
  );
});

test.each(["", "00", "02", "0101", "010101", "0100ff", "01ffffffffffffffff", "0101016b027265ff0102", "01ffffffff0f"])(
  "what was not packed by us is not read: %s",
  (hex) => {
    expect(unpackRows(Buffer.from(hex, "hex"))).toBeNull();
  },
);

test("damage anywhere is noticed or harmless, never an exception", () => {
  const packed = packRows([{ key: "key", record: "record", digest }]);
  fc.assert(
    fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, value) => {
      const damaged = Uint8Array.from(packed);
      damaged[at] = value;
      const rows = unpackRows(damaged);
      expect(rows === null || rows.length <= 1).toBe(true);
    }),
  );
});
