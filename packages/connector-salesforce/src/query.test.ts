import { describe, expect, it } from "vitest";
import {
  addressBytes,
  chunkFields,
  idsAtOnce,
  MAX_QUERY_BYTES,
  quote,
  toIdsCondition,
  toSoql,
  toWindowConditions,
} from "./query.ts";

const at = (text: string): number => Date.parse(text);

it("writes a query", () => {
  expect(
    toSoql({ object: "Contact", fields: ["Id", "Account.Name"], where: ["A = 1", "B = 2"], orderBy: ["Id"], limit: 5 }),
  ).toBe("SELECT Id, Account.Name FROM Contact WHERE A = 1 AND B = 2 ORDER BY Id LIMIT 5");
});

it.each(["Id FROM User--", "a,b", "", "1a", "A.", "A B"])("never lets %j be a name", (name) => {
  expect(() => toSoql({ object: "Contact", fields: [name], where: [] })).toThrow(/cannot be a name/);
});

it("escapes texts", () => {
  expect(quote('O\'Neil \\ "x"')).toBe("'O\\'Neil \\\\ \\\"x\\\"'");
  expect(toIdsCondition(["a", "b'"])).toBe("Id IN ('a','b\\'')");
});

describe("windows", () => {
  it("begin with their first second and end before their last", () => {
    expect(
      toWindowConditions("SystemModstamp", {
        fromMs: at("2026-03-02T10:00:00Z"),
        after: null,
        untilMs: at("2026-03-02T11:00:00Z"),
      }),
    ).toEqual(["SystemModstamp >= 2026-03-02T10:00:00.000Z", "SystemModstamp < 2026-03-02T11:00:00.000Z"]);
  });

  it("go on behind a row by stamp and id", () => {
    const [behind, until] = toWindowConditions("SystemModstamp", {
      fromMs: 0,
      after: { ms: at("2026-03-02T10:15:42Z"), id: "003xx0000000001AAA" },
      untilMs: at("2026-03-02T11:00:00Z"),
    });
    expect(behind).toBe(
      "((SystemModstamp = 2026-03-02T10:15:42.000Z AND Id > '003xx0000000001AAA') OR SystemModstamp > 2026-03-02T10:15:42.000Z)",
    );
    expect(until).toBe("SystemModstamp < 2026-03-02T11:00:00.000Z");
  });
});

describe("fields in an address", () => {
  const many = Array.from({ length: 600 }, (_, index) => `A_custom_field_with_a_long_name_${index}__c`);

  it("are divided so that every query fits, each with the fields that all need, none lost or twice", () => {
    const chunks = chunkFields(many, ["Id", "SystemModstamp"], 300);
    expect(chunks.length).toBeGreaterThan(1);
    for (const chunk of chunks) {
      expect(chunk.slice(0, 2)).toEqual(["Id", "SystemModstamp"]);
      expect(addressBytes(toSoql({ object: "Contact", fields: chunk, where: [] })) + 300).toBeLessThan(MAX_QUERY_BYTES);
    }
    expect(chunks.flatMap((chunk) => chunk.slice(2))).toEqual(many);
  });

  it("stay together where they fit", () => {
    expect(chunkFields(["Id", "LastName"], ["Id"], 100)).toEqual([["Id", "LastName"]]);
    expect(chunkFields([], ["Id"], 100)).toEqual([["Id"]]);
  });

  it("leave room for ids", () => {
    const count = idsAtOnce(500);
    const ids = Array.from({ length: count }, () => "003xx0000000001AAA");
    expect(addressBytes(toIdsCondition(ids)) + 500).toBeLessThanOrEqual(MAX_QUERY_BYTES + 50);
    expect(idsAtOnce(1_000_000)).toBe(1);
  });
});
