import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toField, toMs, toValue } from "./values.ts";

const DAY_MS = 86_400_000;

describe("values", () => {
  it.each([
    ["P30 an empty text in a date is none", "", "date", false, null],
    ["P30 an empty text in a datetime is none", "", "datetime", false, null],
    ["P30 an empty text in a number is none", "", "decimal", false, null],
    ["an empty text in a text is a value", "", "text", true, ""],
    ["null stays null", null, "text", true, null],
    [
      "P31 two numbers in a number field stay as they are",
      "3092727991;3881228353",
      "decimal",
      false,
      "3092727991;3881228353",
    ],
    ["P31 N/A in a number field stays as it is", "N/A", "decimal", false, "N/A"],
    ["P31 seventeen digits keep every digit", "12345678901234567", "text", false, "12345678901234567"],
    ["a number keeps its zeros", "5000.00", "decimal", false, "5000.00"],
    ["true stays text", "true", "text", false, "true"],
    ["a multi-select keeps its semicolons", "slack;segment;intercom", "text", true, "slack;segment;intercom"],
    ["line breaks are legal", "one\ntwo", "text", true, "one\ntwo"],
    ["P32 ISO stays as it is", "2024-08-15T17:09:13.648Z", "datetime", false, "2024-08-15T17:09:13.648Z"],
    ["P32 ISO without a fraction stays as it is", "2024-08-15T17:09:13Z", "datetime", false, "2024-08-15T17:09:13Z"],
    ["P32 milliseconds become ISO", "1572480000000", "datetime", false, "2019-10-31T00:00:00.000Z"],
    ["P32 milliseconds with a fraction become ISO", "1572480000000.0", "datetime", false, "2019-10-31T00:00:00.000Z"],
    ["P32 scientific milliseconds become ISO", "1.57248E12", "datetime", false, "2019-10-31T00:00:00.000Z"],
    ["P32 a day in milliseconds becomes a day", "1572480000000", "date", false, "2019-10-31"],
    ["a day stays as it is", "2020-02-29", "date", false, "2020-02-29"],
    ["nonsense stays as it is", "next week", "datetime", false, "next week"],
  ] as const)("%s", (_name, value, type, isText, expected) => {
    expect(toValue(value, type, isText)).toBe(expected);
  });

  it("P32 reads every form of one moment alike, and never throws", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10 * DAY_MS, max: 80_000 * DAY_MS }), (ms) => {
        const iso = new Date(ms).toISOString();
        expect([toMs(iso), toMs(String(ms)), toMs(`${ms}.0`), toMs(iso.slice(0, -1))]).toEqual([ms, ms, ms, ms]);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void toValue(text, "datetime", false)));
    fc.assert(fc.property(fc.string(), (text) => void toValue(text, "date", false)));
  });
});

describe("fields", () => {
  it.each([
    [{ name: "amount", type: "number", fieldType: "number" }, "decimal", false],
    [{ name: "hs_object_id", type: "number", fieldType: "number" }, "text", false],
    [{ name: "hubspot_owner_id", type: "enumeration", referencedObjectType: "OWNER" }, "text", false],
    [{ name: "any", type: "number", referencedObjectType: "COMPANY" }, "text", false],
    [{ name: "is_good", type: "bool", fieldType: "booleancheckbox" }, "text", false],
    [{ name: "closedate", type: "datetime", fieldType: "date" }, "datetime", false],
    [{ name: "birthday", type: "date", fieldType: "date" }, "date", false],
    [{ name: "kinds", type: "enumeration", fieldType: "checkbox" }, "text", false],
    [{ name: "roll", type: "number", fieldType: "calculation_rollup", calculated: false }, "decimal", true],
    [{ name: "calc", type: "string", fieldType: "text", calculated: true }, "text", true],
    [{ name: "new_kind", type: "something_new" }, "text", false],
    [{ name: "bare" }, "text", false],
  ])("P29 P31 %o", (definition, type, isCalculated) => {
    expect(toField(definition)).toMatchObject({ type, isCalculated, unreadable: null });
  });

  it("says what HubSpot calls it", () => {
    const field = toField({ name: "kinds", type: "enumeration", fieldType: "checkbox", label: "Kinds of tea" });
    expect(field.sourceType).toBe('enumeration/checkbox, custom, "Kinds of tea"');
  });
});
