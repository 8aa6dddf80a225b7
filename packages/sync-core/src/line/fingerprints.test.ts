import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFingerprints, fingerprint } from "./fingerprints.ts";

describe("fingerprints", () => {
  it("hold what a multiset of names holds, whatever comes and goes", () => {
    // Few homes for many prints, so that they stand in each other's way.
    const print = fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.nat(1023))
      .map(([upper, home]) => upper * 2 ** 32 + home + 1);
    const step = fc.record({ adds: fc.boolean(), print });
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            step,
            step.map((one) => ({ ...one, print: 1023 })),
          ),
          { maxLength: 400 },
        ),
        (steps) => {
          const prints = createFingerprints();
          const counts = new Map<number, number>();
          for (const { adds, print: name } of steps) {
            const count = counts.get(name) ?? 0;
            if (adds) prints.add(name);
            else if (count > 0) prints.delete(name);
            counts.set(name, adds ? count + 1 : Math.max(0, count - 1));
            for (const [known, left] of counts) expect(prints.has(known)).toBe(left > 0);
          }
        },
      ),
    );
  });

  it("grow", () => {
    const prints = createFingerprints();
    const names = Array.from({ length: 50_000 }, (_, index) => fingerprint(1, `customer${index}@example.com`));
    for (const name of names) prints.add(name);
    for (const name of names.filter((_, index) => index % 2 === 0)) prints.delete(name);
    expect(names.filter((name) => prints.has(name))).toEqual(names.filter((_, index) => index % 2 === 1));
  });

  it("of names that are alike, and of kinds, differ", () => {
    const names = Array.from({ length: 200_000 }, (_, index) => `customer${index}@example.com`);
    const numbers = Array.from({ length: 200_000 }, (_, index) => String(index));
    const prints = [...names, ...numbers].flatMap((name) => [fingerprint(1, name), fingerprint(2, name)]);
    expect(new Set(prints).size).toBe(prints.length);
    for (const print of [fingerprint(1, ""), fingerprint(2, "\u{1f600}"), ...prints.slice(0, 1000)]) {
      expect(Number.isSafeInteger(print)).toBe(true);
      expect(print).toBeGreaterThan(0);
    }
  });
});
