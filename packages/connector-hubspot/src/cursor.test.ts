import { ConfigError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { parseOwnerCursor, parseRecordCursor, type RecordCursor, toFieldsDigest, toWindow } from "./cursor.ts";
import { enumerationReasons, isSweepDue } from "./schedule.ts";

const target = {
  object: "0-1",
  name: "contacts",
  modifiedProperty: "lastmodifieddate",
  fields: ["email", "firstname"],
};
const NOW = 1_800_000_000_000;
const begun = parseRecordCursor(null, target, NOW);
const idle: RecordCursor = {
  ...begun,
  enumeration: null,
  exact: {
    throughMs: NOW,
    atMs: NOW,
    window: { nextMs: NOW, throughMs: NOW + 5, drain: { afterId: "17", throughMs: NOW } },
  },
  live: { throughMs: NOW, atMs: NOW, window: null },
  enumeratedMs: NOW,
  archived: { atMs: NOW, walk: { startedMs: NOW, after: "5" } },
  merged: { atMs: NOW, walk: null },
  provedMs: NOW,
};

describe("cursors", () => {
  it("begin with reading everything, and survive JSON", () => {
    expect(begun.enumeration).toEqual({ startedMs: NOW, after: null, isFirst: true, fields: begun.fields });
    for (const cursor of [begun, idle]) {
      expect(parseRecordCursor(JSON.parse(JSON.stringify(cursor)), target, NOW + 1)).toEqual(cursor);
    }
  });

  it("do not depend on the order of fields, and read everything again for other fields", () => {
    expect(toFieldsDigest(["a", "b"])).toBe(toFieldsDigest(["b", "a"]));
    const wider = { ...target, fields: [...target.fields, "lastname"] };
    const again = parseRecordCursor(idle, wider, NOW + 9);
    expect(again.enumeration).toEqual({
      startedMs: NOW + 9,
      after: null,
      isFirst: false,
      fields: toFieldsDigest(wider.fields),
    });
    expect(again.exact).toEqual(idle.exact);
    // In the middle of the first pass: from the beginning, with the time of the first beginning.
    const halfway: RecordCursor = {
      ...begun,
      enumeration: { startedMs: NOW, after: "99", isFirst: true, fields: begun.fields },
    };
    expect(parseRecordCursor(halfway, wider, NOW + 9).enumeration).toMatchObject({
      startedMs: NOW,
      after: null,
      isFirst: true,
    });
  });

  it.each([
    ["another object", { ...target, object: "0-2" }, idle],
    ["another modified property", { ...target, modifiedProperty: "createdate" }, idle],
    ["another version", target, { ...idle, version: 2 }],
    ["another connector", target, { version: 1, mode: "full" }],
    ["text", target, "cursor"],
  ])("of %s are refused with what to do", (_name, wanted, stored) => {
    expect(() => parseRecordCursor(stored, wanted, NOW)).toThrow(ConfigError);
    expect(() => parseRecordCursor(stored, wanted, NOW)).toThrow(/stored position/);
  });

  it("of owners start over when they are done", () => {
    const start = parseOwnerCursor(null);
    expect(parseOwnerCursor({ ...start, archived: true, after: "7" })).toMatchObject({ archived: true, after: "7" });
    expect(parseOwnerCursor({ ...start, done: true })).toEqual(start);
    expect(() => parseOwnerCursor(JSON.parse(JSON.stringify(idle)))).toThrow(ConfigError);
  });

  it("P12 windows begin after the epoch, and overlap", () => {
    expect(toWindow(0, 5000, 60_000)).toEqual({ nextMs: 1000, throughMs: 5000, drain: null });
    expect(toWindow(NOW, NOW + 10, 4)).toEqual({ nextMs: NOW - 4, throughMs: NOW + 10, drain: null });
    expect(toWindow(NOW, NOW, 4)).toBeNull();
  });
});

describe("schedules", () => {
  const config = { associationsEveryMs: 100, calculatedEveryMs: 200, reconcileEveryMs: 300 } as const;
  const both = { hasAssociations: true, hasCalculated: true };
  it.each([
    [99, both, []],
    [100, both, ["associations"]],
    [200, both, ["associations", "calculated"]],
    [300, both, ["associations", "calculated", "reconcile"]],
    [250, { hasAssociations: false, hasCalculated: false }, []],
    [300, { hasAssociations: false, hasCalculated: false }, ["reconcile"]],
  ])("%i after the last one, with %o", (age, kinds, reasons) => {
    expect(enumerationReasons({ enumeratedMs: NOW }, config, kinds, NOW + age)).toEqual(reasons);
  });

  it("switched off, nothing is due; what was begun goes on", () => {
    const off = { associationsEveryMs: false, calculatedEveryMs: false, reconcileEveryMs: false } as const;
    expect(enumerationReasons({ enumeratedMs: 0 }, off, both, NOW)).toEqual([]);
    expect(isSweepDue({ atMs: NOW, walk: null }, 100, NOW + 99)).toBe(false);
    expect(isSweepDue({ atMs: NOW, walk: null }, 100, NOW + 100)).toBe(true);
    expect(isSweepDue({ atMs: NOW, walk: { startedMs: NOW, after: "1" } }, 100, NOW)).toBe(true);
    expect(isSweepDue({ atMs: 0, walk: null }, false, NOW)).toBe(false);
  });
});
