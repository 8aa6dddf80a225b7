import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCursor, type Place, type RecordCursor, toHalf, toNextSlice, toWindow } from "./cursor.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const target = { object: "Contact", cursorField: "SystemModstamp", fields: ["Id", "LastName"] };
const MINUTE = 60_000;

describe("windows", () => {
  it("end lagMs before now, at a whole second that does not belong to them, and begin overlapMs before the last end", () => {
    expect(toWindow(NOW - 3_600_000, NOW + 789, 5 * MINUTE, 10 * MINUTE)).toEqual({
      fromMs: NOW - 3_600_000 - 10 * MINUTE,
      after: null,
      untilMs: NOW - 5 * MINUTE,
      throughMs: NOW - 5 * MINUTE,
      bulk: null,
    });
  });

  it.each([
    ["time has not moved", NOW - 5 * MINUTE, NOW],
    ["it has moved within a second", NOW - 5 * MINUTE, NOW + 999],
    ["the clock went back", NOW, NOW],
  ])("are none where %s", (_what, doneMs, nowMs) => {
    expect(toWindow(doneMs, nowMs, 5 * MINUTE, 0)).toBeNull();
  });

  it("T16 join without a gap and without a second that two of them have", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 30 }), (steps) => {
        let nowMs = NOW;
        let doneMs = NOW - 5 * MINUTE;
        const ends: number[] = [];
        for (const step of steps) {
          nowMs += step;
          const window = toWindow(doneMs, nowMs, 5 * MINUTE, 0);
          if (window === null) continue;
          expect(window.fromMs).toBe(doneMs);
          expect(window.throughMs % 1000).toBe(0);
          doneMs = window.throughMs;
          ends.push(doneMs);
        }
        expect(ends).toEqual(ends.toSorted((left, right) => left - right));
      }),
    );
  });

  it("T27 are halved down to a second, and the other halves follow", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.array(fc.boolean(), { maxLength: 200 }),
        (seconds, timeouts) => {
          const window = toWindow(NOW, NOW + seconds * 1000, 0, 0);
          const read: [number, number][] = [];
          let at: Place | null = window;
          for (let step = 0; at !== null; step += 1) {
            const half: Place | null = timeouts[step] === true ? toHalf(at) : null;
            if (half !== null) {
              at = half;
              continue;
            }
            read.push([at.fromMs, at.untilMs]);
            at = toNextSlice(at);
          }
          expect(read[0]?.[0]).toBe(NOW);
          expect(read.at(-1)?.[1]).toBe(NOW + seconds * 1000);
          for (const [index, [fromMs]] of read.entries()) if (index > 0) expect(fromMs).toBe(read[index - 1]?.[1]);
        },
      ),
    );
  });

  it("are halved from the row that has been read, and a second cannot be halved", () => {
    const place: Place = {
      fromMs: NOW,
      after: { ms: NOW + 6000, id: "a" },
      untilMs: NOW + 10_000,
      throughMs: NOW + 10_000,
      bulk: null,
    };
    expect(toHalf(place)).toMatchObject({ after: place.after, untilMs: NOW + 8000, throughMs: NOW + 10_000 });
    expect(toHalf({ ...place, after: null, untilMs: NOW + 1000 })).toBeNull();
  });
});

describe("stored cursors", () => {
  const ended = (): RecordCursor => ({
    ...parseCursor(null, target, NOW),
    enumeration: null,
    pass: { throughMs: NOW, window: null },
    enumeratedMs: NOW,
  });

  it("begin with reading everything", () => {
    expect(parseCursor(null, target, NOW + 789).enumeration).toMatchObject({
      startedMs: NOW,
      isFirst: true,
      afterId: null,
    });
  });

  it("are taken as they were, also after a trip through JSON and with fields in another order", () => {
    const cursor = ended();
    expect(parseCursor(JSON.parse(JSON.stringify(cursor)), { ...target, fields: ["LastName", "Id"] }, NOW)).toEqual(
      cursor,
    );
  });

  it("T37 read everything again for a field that is new in the mapping, and go on by stamp from where they were", () => {
    const cursor = parseCursor(ended(), { ...target, fields: ["Id", "LastName", "New__c"] }, NOW + 5000);
    expect(cursor.enumeration).toMatchObject({ startedMs: NOW + 5000, isFirst: false, afterId: null });
    expect(cursor.pass).toEqual(ended().pass);
  });

  it("begin anew, and keep their start, where fields change while everything is read for the first time", () => {
    const first = parseCursor(null, target, NOW);
    const under = {
      ...first,
      enumeration: first.enumeration && { ...first.enumeration, afterId: "003xx0000000001AAA" },
    };
    expect(parseCursor(under, { ...target, fields: ["Id"] }, NOW + 9000).enumeration).toMatchObject({
      startedMs: NOW,
      isFirst: true,
      afterId: null,
    });
  });

  it.each([
    ["another object", { ...target, object: "Lead" }, /belongs to Contact.*now reads Lead/],
    ["another cursor field", { ...target, cursorField: "CreatedDate" }, /by SystemModstamp.*by CreatedDate/],
    ["comparing in full", { ...target, cursorField: null }, /now reads Contact in full/],
  ])("are refused for %s", (_what, other, message) => {
    expect(() => parseCursor(ended(), other, NOW)).toThrow(message);
  });

  it.each([
    [{}],
    ["9999"],
    [7],
    [{ version: 1, kind: "records" }],
    [["a"]],
    [{ ...ended(), pass: { throughMs: -1, window: null } }],
  ])("are refused when they are not ours: %j", (foreign) => {
    expect(() => parseCursor(foreign, target, NOW)).toThrow(/was not made by this version/);
  });
});
