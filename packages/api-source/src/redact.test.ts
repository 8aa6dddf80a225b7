import { describe, expect, it } from "vitest";
import { redact } from "./redact.ts";

const TOKENS = [/\bpat-[\w-]{8,}/gi];

describe("a text that is redacted", () => {
  it.each([
    ["nothing to hide", "nothing to hide"],
    ["s3cret and s3cret again", "(redacted) and (redacted) again"],
    ["pat-eu1-12345678 or PAT-NA1-12345678", "(redacted) or (redacted)"],
    ["Authorization: Bearer abc.def", "Authorization: Bearer (redacted)"],
    ["of ada.l+x@mail.example.com.", "of (address)"],
    ["abc is too short to be a secret", "abc is too short to be a secret"],
    ["$& s3cret $1", "$& (redacted) $1"],
  ])("%s", (text, expected) => {
    expect(redact(text, ["s3cret", "abc"], TOKENS)).toBe(expected);
  });

  it("shows no rest of a secret that begins with another", () => {
    expect(redact("refresh-token-2", ["refresh", "refresh-token-2"], [])).toBe("(redacted)");
  });
});
