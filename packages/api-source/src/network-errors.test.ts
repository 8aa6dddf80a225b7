import { AuthError, ConfigError, TransientError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { toNetworkError, toTimeoutError } from "./network-errors.ts";

const PLACE = { doing: "reading contacts", host: "api.example.com" };
const failure = (code: string): Error => Object.assign(new Error(`x ${code} of somebody's row`), { code });

describe("a call without an answer", () => {
  it.each([
    ["ECONNREFUSED", TransientError, "nothing listens there"],
    ["ENOTFOUND", TransientError, "cannot be resolved"],
    ["EAI_AGAIN", TransientError, "cannot be resolved"],
    ["ECONNRESET", TransientError, "was cut"],
    ["UND_ERR_SOCKET", TransientError, "was cut"],
    ["ETIMEDOUT", TransientError, "does not answer"],
    ["CERT_HAS_EXPIRED", ConfigError, "not trusted"],
    ["SELF_SIGNED_CERT_IN_CHAIN", ConfigError, "not trusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", ConfigError, "not trusted"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", ConfigError, "not trusted"],
  ])("%s", (code, kind, words) => {
    for (const error of [failure(code), new TypeError("fetch failed", { cause: failure(code) })]) {
      const said = toNetworkError(error, PLACE, "the network");
      expect(said).toBeInstanceOf(kind);
      expect(said.message).toContain(words);
      expect(said.message).toContain(code);
      expect(said.message).toContain("api.example.com");
      expect(said.message).not.toContain("row");
    }
  });

  it("without a code is a passing fault, whose hint names what to look at", () => {
    expect(toNetworkError("odd", PLACE, "the network and loginUrl")).toMatchObject({
      kind: "transient",
      message: "reading contacts: cannot reach api.example.com: the connection failed",
      hint: "Check the network and loginUrl. Reading goes on from the last page.",
    });
  });

  it("stays what it is when it is one of ours", () => {
    const error = new AuthError("no");
    expect(toNetworkError(error, PLACE, "the network")).toBe(error);
  });

  it("in time names the time and its option", () => {
    expect(toTimeoutError(40, PLACE).message).toBe(
      "reading contacts: api.example.com did not answer within 40 ms (requestTimeoutMs)",
    );
  });
});
