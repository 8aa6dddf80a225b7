import { BugError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseAnswer, toCutOffError } from "./answers.ts";

const schema = z.object({ a: z.string(), rows: z.array(z.object({ id: z.string() })) });

describe("an answer", () => {
  it("in its shape is given without what is not known", () => {
    const answer = parseAnswer({ a: "1", rows: [{ id: "2", more: 3 }], more: 4 }, schema, "reading", "Vendor");
    expect(answer).toEqual({ a: "1", rows: [{ id: "2" }] });
  });

  it.each([
    [{ a: 1, rows: [{ id: "ada@example.com" }, { id: 42 }] }, "(a, rows.1.id)"],
    ["ada@example.com", "((top))"],
  ])("in another shape is an error that names the places, and nothing of what they hold", (json, places) => {
    const parse = () => parseAnswer(json, schema, "reading rows", "Vendor");
    expect(parse).toThrow(BugError);
    expect(parse).toThrow(`reading rows: Vendor's answer has an unknown shape ${places}`);
    expect(parse).not.toThrow(/ada@|42/);
  });

  it("that was cut off passes", () => {
    expect(toCutOffError("reading rows", "Vendor")).toMatchObject({
      kind: "transient",
      message: "reading rows: Vendor's answer was cut off or is no JSON",
    });
  });
});
