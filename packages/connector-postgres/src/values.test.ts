import type { Json } from "@acme/sync-core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CatalogType, isBinary, type ScalarKind, toConverter, toFieldType, toValueType } from "./values.ts";

function convert(kind: ScalarKind, text: string): Json {
  const converter = toConverter({ kind });
  return converter === null ? text : converter(text);
}

function convertArray(kind: ScalarKind, text: string, delimiter = ","): Json {
  return toConverter({ kind: "array", element: { kind }, delimiter })?.(text) ?? null;
}

describe("scalars", () => {
  it.each<[ScalarKind, string, Json]>([
    ["boolean", "t", true],
    ["boolean", "f", false],
    ["number", "-2147483648", -2147483648],
    ["number", "4294967295", 4294967295],
    ["number", "0.1", 0.1],
    ["number", "1.7976931348623157e+308", 1.7976931348623157e308],
    ["number", "NaN", "NaN"],
    ["number", "Infinity", "Infinity"],
    ["number", "-Infinity", "-Infinity"],
    ["bigint", "9223372036854775807", "9223372036854775807"],
    ["decimal", "0.10000000000000000000001", "0.10000000000000000000001"],
    ["decimal", "NaN", "NaN"],
    ["text", "", ""],
    ["text", "null", "null"],
    ["date", "2024-02-29", "2024-02-29"],
    ["date", "0044-03-15 BC", "-000043-03-15"],
    ["date", "0001-12-31 BC", "0000-12-31"],
    ["date", "5874897-12-31", "+5874897-12-31"],
    ["date", "10000-01-01", "+010000-01-01"],
    ["date", "infinity", "infinity"],
    ["date", "-infinity", "-infinity"],
    ["timestamp", "2024-01-01 12:00:00.123456", "2024-01-01T12:00:00.123456"],
    ["timestamp", "2024-01-01 12:00:00", "2024-01-01T12:00:00"],
    ["timestamp", "0044-03-15 12:00:00 BC", "-000043-03-15T12:00:00"],
    ["timestamp", "12345-01-01 00:00:00", "+012345-01-01T00:00:00"],
    ["timestamp", "294276-12-31 23:59:59.999999", "+294276-12-31T23:59:59.999999"],
    ["timestamp", "infinity", "infinity"],
    ["timestamp", "-infinity", "-infinity"],
    ["timestamptz", "2024-01-01 12:00:00.123456+00", "2024-01-01T12:00:00.123456Z"],
    ["timestamptz", "0044-03-15 12:00:00+00 BC", "-000043-03-15T12:00:00Z"],
    ["timestamptz", "12345-01-01 00:00:00+00", "+012345-01-01T00:00:00Z"],
    ["timestamptz", "4714-11-24 00:00:00+00 BC", "-004713-11-24T00:00:00Z"],
    ["timestamptz", "infinity", "infinity"],
  ])("%s %s", (kind, text, expected) => {
    expect(convert(kind, text)).toStrictEqual(expected);
  });
});

describe("json", () => {
  it.each<[string, Json]>([
    ['{"a": [1, 2.5, null, true, "x"]}', { a: [1, 2.5, null, true, "x"] }],
    ["12345678901234567890", "12345678901234567890"],
    ["9007199254740993", "9007199254740993"],
    ["9007199254740992", 9007199254740992],
    ["[1e400, -1e400, 1e-400, 1e10, 1E+5]", ["1e400", "-1e400", "1e-400", 1e10, 1e5]],
    ["0.30000000000000004", 0.30000000000000004],
    ["0.3000000000000000400001", "0.3000000000000000400001"],
    ["1.0000000000000000000", 1],
    ["100000000000000000000", 100000000000000000000],
    ['"12345678901234567890"', "12345678901234567890"],
    ['{"550e8400-e29b": 1}', { "550e8400-e29b": 1 }],
    ["null", null],
    ['"\\u00e9\\n"', "é\n"],
  ])("%s", (text, expected) => {
    expect(convert("json", text)).toStrictEqual(expected);
  });

  it("keeps an own property named __proto__", () => {
    expect(JSON.stringify(convert("json", '{"__proto__": 12345678901234567890}'))).toBe(
      '{"__proto__":"12345678901234567890"}',
    );
  });

  it("changes nothing that JavaScript itself can write", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(convert("json", JSON.stringify(value))).toStrictEqual(plain);
      }),
    );
  });

  it("never changes the value of an integer", () => {
    expect(JSON.stringify(convert("json", "1192092895507812500000000000000000"))).toBe("1.1920928955078125e+33");
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), (value) => {
        const read = convert("json", String(value));
        // What is written out again is the same number, also where a double is not exactly it.
        expect(
          typeof read === "number" ? wholeNumber(String(read)) : BigInt(typeof read === "string" ? read : ""),
        ).toBe(value);
      }),
    );
  });
});

/** The whole number that a text such as `1.25e+30` stands for. */
function wholeNumber(text: string): bigint {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return BigInt(whole + fraction) * 10n ** BigInt(Number(exponent) - fraction.length);
}

/** As PostgreSQL writes arrays, everything quoted that may be. */
function toLiteral(value: Json): string {
  if (Array.isArray(value)) return `{${value.map(toLiteral).join(",")}}`;
  if (value === null) return "NULL";
  return `"${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

describe("arrays", () => {
  it.each<[ScalarKind, string, Json]>([
    ["number", "{}", []],
    ["number", "{1,NULL,3}", [1, null, 3]],
    [
      "number",
      "{{1,2},{3,4}}",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["number", "[0:1]={7,8}", [7, 8]],
    [
      "number",
      "[-1:0][2:3]={{1,2},{3,4}}",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["text", '{a,"b,c","d\\"e","f\\\\g","NULL","","{}"}', ["a", "b,c", 'd"e', "f\\g", "NULL", "", "{}"]],
    ["timestamptz", '{"2024-01-01 00:00:00+00",infinity}', ["2024-01-01T00:00:00Z", "infinity"]],
    ["json", '{"{\\"a\\": 1}",NULL}', [{ a: 1 }, null]],
    ["boolean", "{t,f,NULL}", [true, false, null]],
  ])("%s %s", (kind, text, expected) => {
    expect(convertArray(kind, text)).toStrictEqual(expected);
  });

  it("uses the element type's delimiter", () => {
    expect(convertArray("text", "{(1,1),(0,0);(2,2),(1,1)}", ";")).toStrictEqual(["(1,1),(0,0)", "(2,2),(1,1)"]);
  });

  it("reads back whatever was written", () => {
    const leaf = fc.option(fc.string({ unit: "binary" }), { nil: null });
    fc.assert(
      fc.property(fc.oneof(fc.array(leaf), fc.array(fc.array(leaf, { minLength: 1 }))), (value) => {
        expect(convertArray("text", toLiteral(value))).toStrictEqual(value);
      }),
    );
  });

  it.each(["", "1,2", "{1", '{"a', "{1}{"])("refuses %j without quoting it", (text) => {
    // A text that goes on behind its end is read up to there: the server never sends one.
    if (text === "{1}{") expect(convertArray("number", text)).toStrictEqual([1]);
    else expect(() => convertArray("text", text)).toThrow(/^an array's text/);
  });
});

describe("types", () => {
  const type = (oid: string, parts: Partial<CatalogType>): [string, CatalogType] => [
    oid,
    { oid, typtype: "b", typcategory: "U", typbasetype: "0", typelem: "0", typtypmod: "-1", typdelim: ",", ...parts },
  ];
  const types = new Map([
    type("23", {}),
    type("17", {}),
    type("1007", { typcategory: "A", typelem: "23" }),
    type("1001", { typcategory: "A", typelem: "17" }),
    type("22", { typcategory: "A", typelem: "21" }),
    type("90001", { typtype: "d", typbasetype: "23" }),
    type("90002", { typtype: "d", typbasetype: "90001" }),
    type("90003", { typtype: "d", typbasetype: "1007", typcategory: "A" }),
    type("90004", { typtype: "d", typbasetype: "1184", typtypmod: "3" }),
    type("90005", { typcategory: "A", typelem: "90002" }),
    type("1184", {}),
    type("90006", { typtype: "e" }),
  ]);

  it.each([
    ["23", "number"],
    ["90002", "number"],
    ["90003", "array"],
    ["90005", "array"],
    ["22", "text"],
    ["90006", "text"],
    ["1", "text"],
    ["1184", "datetime"],
  ])("%s is %s", (oid, expected) => {
    expect(toFieldType(toValueType(oid, types).type)).toBe(expected);
  });

  it("takes the precision of a domain", () => {
    expect(toValueType("90004", types)).toMatchObject({ type: { kind: "timestamptz" }, modifier: 3, baseOid: "1184" });
  });

  it("finds bytes inside arrays", () => {
    expect(isBinary(toValueType("1001", types).type)).toBe(true);
    expect(isBinary(toValueType("90005", types).type)).toBe(false);
  });
});
