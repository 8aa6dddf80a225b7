import { fullPage, incrementalPage, parseTableName, type PositionTerm, rowsByKey } from "@acme/sql-source";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toDatetimeText, toWallClockBound, boundMoments, toZoneOffset } from "./cursor.ts";
import { isConnectionLost, isStatementError, toSyncError } from "./errors.ts";
import { dialect, fillIn, quoteIdentifier, toLiteral, toShortName } from "./query.ts";
import { toSessionSettings } from "./session.ts";

describe("names and texts", () => {
  it("reads back every quoted name", () => {
    const name = fc.string({ unit: "binary", minLength: 1 });
    fc.assert(
      fc.property(name, name, (schema, table) => {
        expect(parseTableName(`${quoteIdentifier(schema)}.${quoteIdentifier(table)}`, "`")).toStrictEqual({
          schema: { name: schema, quoted: true },
          table: { name: table, quoted: true },
        });
      }),
    );
    expect(["id", "Id", "a b", "a`b"].map(toShortName)).toStrictEqual(["id", "Id", "`a b`", "`a``b`"]);
  });

  it("puts values in place as literals, and leaves question marks alone", () => {
    expect(
      fillIn(`select '?' where a = ${dialect.placeholder(1)} or b = ${dialect.placeholder(2)}`, ["x'\\", "$&"]),
    ).toBe("select '?' where a = 'x''\\\\' or b = '$&'");
    expect(toLiteral("\u0000")).toBe("'\\0'");
  });
});

describe("statements", () => {
  const term = (name: string, value: number): PositionTerm => ({ sql: name, bind: (place) => `n(${place})`, value });
  const selection = { dialect, from: "t", select: ["a"] };
  const text = ({ text: sql, values }: { text: string; values: readonly string[] }): string => fillIn(sql, values);

  it("compare in a form that an index answers", () => {
    expect(
      text(
        incrementalPage(selection, [term("u", 0), term("k", 1), term("l", 2)], {
          after: ["1", "2", "3"],
          bound: { value: "9", inclusive: false },
          limit: 5,
        }),
      ),
    ).toBe(
      "select a from t where (u > n('1') or (u = n('1') and (k > n('2') or (k = n('2') and l > n('3'))))) and u < n('9') order by u, k, l limit 5",
    );
    expect(text(fullPage(selection, [term("k", 0), term("l", 1)], { after: null, end: ["8", "9"], limit: 5 }))).toBe(
      "select a from t where (k < n('8') or (k = n('8') and l <= n('9'))) order by k, l limit 5",
    );
    expect(
      text(
        rowsByKey(
          selection,
          [term("k", 0), term("l", 1)],
          [
            ["1", "2"],
            ["3", "4"],
          ],
        ),
      ),
    ).toBe("select a from t where (k = n('1') and l = n('2') or k = n('3') and l = n('4'))");
  });
});

describe("sessions", () => {
  it("drop the modes that change what our statements mean, and keep the others", () => {
    const [first, , third] = toSessionSettings(
      { isMariadb: false, version: "8.4.0" },
      "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_ZERO_DATE,STRICT_TRANS_TABLES",
      1500,
    );
    expect(first).toContain("sql_mode = 'ANSI_QUOTES,STRICT_TRANS_TABLES'");
    expect(first).toContain("time_zone = '+00:00'");
    expect(third).toBe("set session max_execution_time = 1500");
    expect(toSessionSettings({ isMariadb: true, version: "11" }, "", 1500)[2]).toBe(
      "set session max_statement_time = 1.5",
    );
  });
});

describe("wall clocks", () => {
  const micros = (iso: string): bigint => BigInt(Date.parse(iso)) * 1000n;

  it.each([
    ["+05:45", "2026-01-01T00:00:00Z", "2026-01-01 05:45:00.000000"],
    ["-03:30", "2026-01-01T00:00:00Z", "2025-12-31 20:30:00.000000"],
    ["Europe/Vienna", "2026-07-01T12:00:00Z", "2026-07-01 14:00:00.000000"],
    ["Asia/Kathmandu", "2026-07-01T12:00:00Z", "2026-07-01 17:45:00.000000"],
    ["UTC", "2026-07-01T12:00:00Z", "2026-07-01 12:00:00.000000"],
  ])("%s", (zone, moment, expected) => {
    const offset = toZoneOffset(zone);
    if (offset === null) throw new Error("no such zone");
    expect(toDatetimeText(micros(moment) + offset(micros(moment)), "datetime")).toBe(expected);
  });

  it.each([
    ["Europe/Vienna", "2026-10-25T01:00:00Z"],
    ["America/New_York", "2026-11-01T06:00:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T15:00:00Z"],
  ])("set back never show a time below a bound again: %s", (zone, change) => {
    const offset = toZoneOffset(zone);
    if (offset === null) throw new Error("no such zone");
    const minute = 60_000_000n;
    for (let at = micros(change) - 180n * minute; at < micros(change) + 180n * minute; at += 5n * minute) {
      const bound = toWallClockBound(at, boundMoments(at).map(offset));
      for (let later = at; later < at + 240n * minute; later += 5n * minute)
        expect(later + offset(later) >= bound, `${at} ${later}`).toBe(true);
    }
  });
});

describe("errors", () => {
  const context = {
    doing: "reading shop.customers",
    host: "db.example.com",
    port: 3306,
    database: "shop",
    user: "reader",
    sslmode: "prefer",
    statementTimeoutMs: 60_000,
    connectTimeoutMs: 10_000,
    relation: { schema: "shop", table: "customers" },
  };
  const serverError = (errno: number, message = "Duplicate entry 'ada@example.com' for key"): Error =>
    Object.assign(new Error(message), { errno, sqlState: "HY000", code: "ER_X" });

  it.each([
    [1045, "AuthError", "refused the password"],
    [1130, "AuthError", "refused user reader"],
    [1049, "ConfigError", 'no database "shop"'],
    [1142, "AuthError", "lacks a right"],
    [1146, "ConfigError", "reading shop.customers"],
    [1054, "ConfigError", "reading shop.customers"],
    [1064, "ConfigError", "reading shop.customers"],
    [1792, "ConfigError", "tries to write"],
    [1969, "TransientError", "60000 ms"],
    [3024, "TransientError", "60000 ms"],
    [1040, "TransientError", "no room"],
    [1053, "TransientError", "closed the connection"],
    [4031, "TransientError", "closed the connection"],
    [1213, "TransientError", "locked"],
    [1412, "TransientError", "altered"],
    [3159, "ConfigError", "encrypted connections only"],
    [1292, "ConfigError", "code 1292"],
    [1062, "ConfigError", "code 1062"],
  ])("%s is a %s", (errno, kind, message) => {
    const error = toSyncError(serverError(errno), context);
    expect(error.constructor.name).toBe(kind);
    expect(error.message).toContain(message);
    expect(error.hint).not.toBeNull();
    expect(error.cause).toBeUndefined();
  });

  it.each([1062, 1292, 1366, 1406, 1690, 1525])("%s does not repeat its message, which quotes values", (errno) => {
    const error = toSyncError(serverError(errno), context);
    expect(`${error.message}${error.hint}${error.stack}`).not.toContain("ada@");
  });

  it("tell whether the connection is left", () => {
    expect(isConnectionLost(serverError(1927))).toBe(true);
    expect(isConnectionLost(Object.assign(new Error("x"), { code: "PROTOCOL_CONNECTION_LOST" }))).toBe(true);
    expect(isConnectionLost(serverError(1146))).toBe(false);
    expect(isStatementError(serverError(1146))).toBe(true);
    expect(isStatementError(new Error("x"))).toBe(false);
  });
});
