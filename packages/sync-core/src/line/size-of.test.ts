import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeOf } from "./size-of.ts";

const anyValue = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constant("\u0001\u0001"),
  fc.double(),
  fc.constant(null),
  fc.boolean(),
  fc.array(fc.integer()),
);
const anyRow = fc.dictionary(
  fc.string({ unit: "grapheme" }),
  anyValue.map((value) => (typeof value === "number" && !Number.isFinite(value) ? null : value)),
);

describe("the size of a row", () => {
  it("is exact where it matters", () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        const text = JSON.stringify(row);
        expect(sizeOf(row, { characters: 0, bytes: 0 })).toEqual({
          characters: text.length,
          bytes: Buffer.byteLength(text) + 1,
        });
      }),
    );
  });

  it("is rough only for a row that is small enough however it is written", () => {
    fc.assert(
      fc.property(anyRow, fc.nat(2000), fc.nat(2000), (row, characters, bytes) => {
        const text = JSON.stringify(row);
        const size = sizeOf(row, { characters, bytes });
        const isExact = size.characters === text.length && size.bytes === Buffer.byteLength(text) + 1;
        if (!isExact) {
          expect(text.length).toBeLessThanOrEqual(characters);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
        }
      }),
    );
  });
});
