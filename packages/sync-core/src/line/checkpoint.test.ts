import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Page } from "../contracts/source.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { createCheckpoints, followOn } from "./checkpoint.ts";

const never = new AbortController().signal;

function page(cursor: number): Page {
  return { rows: [], cursor, bytes: 0, proved: null };
}

const anyPage = fc.record({
  readMs: fc.nat(20),
  settleMs: fc.nat(200),
  writeMs: fc.nat(30),
  fails: fc.boolean(),
  inPart: fc.boolean(),
});

describe("checkpoints", () => {
  it("move in the order of the pages, each after everything before it, none after the first failure", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPage, { minLength: 1, maxLength: 8 }), async (pages) => {
        const runtime = createVirtualRuntime();
        const settledAt: number[] = [];
        const moved: number[] = [];
        const told: number[] = [];
        let doneAt = Number.POSITIVE_INFINITY;
        const checkpoints = createCheckpoints(
          {
            async checkpoint(cursor) {
              const place = Number(cursor);
              for (let before = 0; before <= place; before += 1)
                expect(settledAt[before]).toBeLessThanOrEqual(runtime.now());
              await runtime.sleep(pages[place]?.writeMs ?? 0, never);
              moved.push(place);
            },
          },
          null,
          ({ cursor }) => void told.push(Number(cursor)),
        );
        const settle = async (place: number, ms: number, fails: boolean): Promise<void> => {
          await runtime.sleep(ms, never);
          if (fails) throw new Error(`page ${place} failed`);
          settledAt[place] = runtime.now();
        };
        const read = async (): Promise<void> => {
          for (const [place, { readMs, settleMs, fails, inPart }] of pages.entries()) {
            await runtime.sleep(readMs, never);
            if (inPart) checkpoints.wait(settle(place, settleMs, fails));
            else checkpoints.after(page(place), settle(place, settleMs, fails));
          }
        };
        await runtime.run(read());
        const firstFailure = pages.findIndex(({ fails }) => fails);
        const done = checkpoints.done().finally(() => {
          doneAt = moved.length;
        });
        if (firstFailure < 0) await runtime.run(done);
        else await expect(runtime.run(done)).rejects.toThrow(`page ${firstFailure} failed`);
        await runtime.run(runtime.sleep(1000, never));

        const through = firstFailure < 0 ? pages.length : firstFailure;
        const expected = pages.flatMap(({ inPart }, place) => (place < through && !inPart ? [place] : []));
        expect(moved).toEqual(expected);
        expect(told).toEqual(expected);
        // Whoever has waited for done() sees no checkpoint move any more.
        expect(doneAt).toBe(moved.length);
      }),
      { numRuns: 60 },
    );
  });

  it("stay where they are when one cannot be written", async () => {
    const told: unknown[] = [];
    const checkpoints = createCheckpoints(
      {
        async checkpoint(cursor) {
          if (cursor === 1) throw new Error("the disk is full");
        },
      },
      null,
      ({ cursor }) => void told.push(cursor),
    );
    for (const place of [0, 1, 2]) checkpoints.after(page(place), Promise.resolve());
    await expect(checkpoints.done()).rejects.toThrow("the disk is full");
    expect(told).toEqual([0]);
  });
});

describe("what is proved complete", () => {
  const until = (after: string | null, through: string, field: string | null = "updated_at") => ({
    field,
    after,
    through,
  });

  it.each([
    ["the first interval stands alone", null, until(null, "b"), until(null, "b")],
    ["one that begins where the earlier ends continues it", until(null, "b"), until("b", "c"), until(null, "c")],
    ["a gap is never closed", until(null, "b"), until("c", "d"), until("c", "d")],
    ["a new beginning replaces what was", until("a", "b"), until(null, "c"), until(null, "c")],
    ["another field starts anew", until(null, "b", "id"), until("b", "c"), until("b", "c")],
  ])("%s", (_, earlier, later, expected) => {
    expect(followOn(earlier, later)).toEqual(expected);
  });
});
