import { ConfigError } from "@acme/sync-core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fromIsoMicros,
  type IncrementalCursor,
  parseFullCursor,
  parseIncrementalCursor,
  roundingMicros,
  toIsoMicros,
  toRowKey,
} from "./cursor.ts";

const target = { stream: "public.t", cursorField: "updated_at", keyFields: ["id"] };
const fullTarget = { stream: "public.t", cursorField: null, keyFields: ["id"] };

describe("incremental cursors", () => {
  it("survive JSON, whatever the values", () => {
    const value = fc.string({ unit: "binary" });
    const key = fc.tuple(value);
    fc.assert(
      fc.property(
        fc.option(fc.record({ cursor: value, key }), { nil: null }),
        fc.option(value, { nil: null }),
        fc.oneof(fc.constant(null), fc.constant("done" as const), fc.record({ key })),
        fc.option(fc.record({ value, seenAt: value }), { nil: null }),
        (position, provedThrough, outside, pending) => {
          const cursor: IncrementalCursor = {
            version: 1,
            mode: "incremental",
            ...target,
            position,
            provedThrough,
            outside,
            pending,
          };
          expect(parseIncrementalCursor(JSON.parse(JSON.stringify(cursor)), target)).toEqual(cursor);
        },
      ),
    );
  });

  it.each([
    ["another table", { ...target, stream: "public.u" }],
    ["another cursor", { ...target, cursorField: "created_at" }],
    ["another key", { ...target, keyFields: ["uuid"] }],
    ["a longer key", { ...target, keyFields: ["id", "tenant"] }],
  ])("of %s are refused", (_name, other) => {
    const cursor = parseIncrementalCursor(null, target);
    expect(() => parseIncrementalCursor(cursor, other)).toThrow(ConfigError);
    expect(() => parseIncrementalCursor(cursor, other)).toThrow(
      /the stored position belongs to public\.t by updated_at with key \(id\)/,
    );
  });

  it("and full ones are told apart", () => {
    const full = parseFullCursor(null, fullTarget);
    const incremental = parseIncrementalCursor(null, target);
    expect(() => parseIncrementalCursor(full, target)).toThrow(/belongs to a comparison in full/);
    expect(() => parseFullCursor(incremental, fullTarget)).toThrow(/belongs to reading by a cursor column/);
  });

  it.each([[{}], ["text"], [7], [[]], [{ version: 2, mode: "incremental" }]])(
    "%j is refused with the way out",
    (stored) => {
      try {
        parseIncrementalCursor(stored, target);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        expect(error).toMatchObject({ hint: expect.stringContaining("state reset") });
      }
    },
  );

  it("with a position of the wrong length are refused", () => {
    const cursor = { ...parseIncrementalCursor(null, target), position: { cursor: "x", key: ["1", "2"] } };
    expect(() => parseIncrementalCursor(cursor, target)).toThrow(ConfigError);
  });
});

describe("full cursors", () => {
  it("start over once done, and go on before", () => {
    const middle = { ...parseFullCursor(null, fullTarget), after: ["5"], end: ["9"] };
    expect(parseFullCursor(middle, fullTarget)).toStrictEqual(middle);
    expect(parseFullCursor({ ...middle, done: true }, fullTarget)).toStrictEqual(parseFullCursor(null, fullTarget));
  });
});

describe("times", () => {
  it("survive as text of one length that orders like them", () => {
    const micros = fc.bigInt(0n, 253_402_300_799_999_999n);
    fc.assert(
      fc.property(micros, micros, (left, right) => {
        expect(fromIsoMicros(toIsoMicros(left))).toBe(left);
        expect(toIsoMicros(left) < toIsoMicros(right)).toBe(left < right);
      }),
    );
  });

  it.each([
    [null, 0n],
    [6, 0n],
    [5, 10n],
    [3, 1000n],
    [0, 1_000_000n],
  ])("precision %s rounds off less than %s µs", (precision, expected) => {
    expect(roundingMicros(precision)).toBe(expected);
  });
});

describe("row keys", () => {
  it("are the text of a single column and unambiguous for several", () => {
    expect(toRowKey(["7"])).toBe("7");
    expect(toRowKey(["a,b", "c"])).not.toBe(toRowKey(["a", "b,c"]));
    const values = fc.array(fc.string({ unit: "binary" }), { minLength: 2 });
    fc.assert(
      fc.property(values, (key) => {
        expect(JSON.parse(toRowKey(key))).toStrictEqual(key);
      }),
    );
  });
});
