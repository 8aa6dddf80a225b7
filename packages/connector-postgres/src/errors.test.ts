import { ConnectionProblem, type ErrorContext } from "@acme/sql-source";
import { AuthError, BugError, ConfigError, RecordError, TransientError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { ChannelBindingMissing, isConnectionLost, isStatementError, toSyncError } from "./errors.ts";

const context: ErrorContext = {
  doing: "reading public.customers",
  host: "db.example.com",
  port: 5432,
  database: "shop",
  user: "Reader",
  sslmode: "verify-full",
  statementTimeoutMs: 60_000,
  connectTimeoutMs: 10_000,
  relation: { schema: "public", table: "customers" },
};

/** As the driver reports what the server said. */
function serverError(code: string, message = "the server's words"): Error {
  return Object.assign(new Error(message), {
    severity: "ERROR",
    code,
    detail: "Key (email)=(ada@example.com) exists",
    where: "row 7: ada@example.com",
    internalQuery: "ada@example.com",
  });
}

describe("toSyncError", () => {
  it.each([
    ["28P01", AuthError, "refused the password of user Reader"],
    ["28000", AuthError, "refused user Reader"],
    ["3D000", ConfigError, 'no database "shop"'],
    ["42P01", ConfigError, "reading public.customers: the server's words"],
    ["42703", ConfigError, "reading public.customers"],
    ["42501", AuthError, "(user Reader)"],
    ["42883", ConfigError, "reading"],
    ["42601", ConfigError, "reading"],
    ["25006", ConfigError, "tries to write"],
    ["0A000", ConfigError, "reading"],
    ["57014", TransientError, "60000 ms (statementTimeoutMs)"],
    ["57P01", TransientError, "closed the connection"],
    ["57P03", TransientError, "is starting"],
    ["53300", TransientError, "no room"],
    ["08006", TransientError, "closed the connection"],
    ["40001", TransientError, "conflict"],
    ["55P03", TransientError, "locked"],
    ["XX000", TransientError, "internal fault"],
    ["58030", TransientError, "internal fault"],
    ["99999", ConfigError, "code 99999"],
  ])("%s", (code, kind, message) => {
    const error = toSyncError(serverError(code), context);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
    expect(error.hint).not.toBeNull();
  });

  it.each(["22P02", "22012", "23505", "21000"])("%s does not repeat its message, which quotes values", (code) => {
    const error = toSyncError(serverError(code, 'invalid input: "ada@example.com"'), context);
    expect(error).toBeInstanceOf(ConfigError);
    expect(`${error.message} ${error.hint}`).not.toContain("ada@");
  });

  it("never keeps the original, which holds row values", () => {
    for (const code of ["28P01", "42P01", "57014", "22P02", "XX000", "08P01"]) {
      const error = toSyncError(serverError(code), context);
      expect(error.cause).toBeUndefined();
      expect(JSON.stringify(error) + error.stack).not.toContain("ada@");
    }
  });

  it("names the GRANT to run", () => {
    expect(toSyncError(serverError("42501"), context).hint).toContain(
      'grant usage on schema public to "Reader"; grant select on public.customers to "Reader";',
    );
    expect(toSyncError(serverError("42501"), { ...context, relation: null }).hint).toContain("Grant");
  });

  it.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNRESET", "ENOENT", "EHOSTUNREACH"])(
    "%s is transient",
    (code) => {
      const error = toSyncError(Object.assign(new Error(""), { code }), context);
      expect(error).toBeInstanceOf(TransientError);
      expect(error.message).toContain(`db.example.com:5432`);
    },
  );

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "sslrootcert"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "sslrootcert"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "verify-ca"],
    ["CERT_HAS_EXPIRED", "Renew"],
    ["ERR_SSL_UNSUPPORTED_PROTOCOL", "sslmode"],
  ])("%s gives advice on TLS", (code, advice) => {
    const error = toSyncError(Object.assign(new Error("x"), { code }), context);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.hint).toContain(advice);
  });

  it.each([
    ["connect-timeout", TransientError, "10000 ms"],
    ["no-tls", ConfigError, "does not offer TLS"],
    ["tls-handshake", ConfigError, "failed"],
    ["lost", TransientError, "closed"],
  ] as const)("%s", (problem, kind, message) => {
    const error = toSyncError(new ConnectionProblem(problem, "ERR_SSL_X"), context);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
  });

  it("channel binding that is missing", () => {
    const error = toSyncError(new ChannelBindingMissing("x"), context);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain("channel binding");
  });

  it.each([
    ["no such database: shop", ConfigError],
    ["password authentication failed", AuthError],
    ["unsupported startup parameter: options", ConfigError],
    ["server login has been failing", TransientError],
  ])("a pooler's '%s'", (message, kind) => {
    expect(toSyncError(serverError("08P01", message), context)).toBeInstanceOf(kind);
  });

  it("asks for a password that is missing", () => {
    const missing = new Error("SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string");
    expect(toSyncError(missing, context)).toBeInstanceOf(AuthError);
    expect(toSyncError(missing, context).message).toContain("none is configured");
  });

  it("leaves our own errors alone and takes the unknown for a bug", () => {
    const own = new RecordError("7", "x");
    expect(toSyncError(own, context)).toBe(own);
    expect(toSyncError(new TypeError("x is not a function"), context)).toBeInstanceOf(BugError);
    expect(toSyncError("text", context)).toBeInstanceOf(BugError);
  });
});

describe("what is left of the connection", () => {
  it("is told from the error", () => {
    expect(isConnectionLost(serverError("57P01"))).toBe(true);
    expect(isConnectionLost(new Error("Connection terminated unexpectedly"))).toBe(true);
    expect(isConnectionLost(serverError("42P01"))).toBe(false);
    expect(isStatementError(serverError("42P01"))).toBe(true);
    expect(isStatementError(serverError("57P01"))).toBe(false);
    expect(isStatementError(new Error("x"))).toBe(false);
  });
});
