import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contracts/json.ts";
import { sketchMapping, sourceRow } from "./__fixtures__/mapping.ts";
import { blur } from "./blur.ts";
import { createDigester } from "./digest.ts";
import { diff } from "./diff.ts";
import { map } from "./map.ts";

const mapping = sketchMapping();
const digester = createDigester(mapping);

function digestOf(fields: JsonObject): Uint8Array {
  const [row] = map([sourceRow("1", fields)], mapping).rows;
  if (row === undefined) throw new Error("the row was not mapped");
  return digester.digest(row);
}

/** Names of what is sent of `now`, when `landed` is what is remembered. */
function sentOf(now: JsonObject, landed: Uint8Array): string[] {
  const known = new Map([["1", { landed, parked: null }]]);
  const [changed] = diff(map([sourceRow("1", now)], mapping).rows, known, digester, false).changed;
  if (changed === undefined) return [];
  const texts = changed.sendExtracting.map((index) => mapping.extracting[index]?.name ?? "?");
  return [...(changed.sendStructured ? ["structured"] : []), ...texts];
}

const text = fc.constantFrom("tea", "coffee", "", null);
const version = fc.record({ name: text, bio: text, notes: text });

describe("blur", () => {
  it("sends every part in which the two versions differ, whatever it has become", () => {
    fc.assert(
      fc.property(version, version, version, (landed, sent, now) => {
        const parts = sentOf(now, blur(digestOf(landed), digestOf(sent)));
        expect(parts.includes("structured")).toBe(landed.name !== sent.name || now.name !== landed.name);
        for (const name of ["bio", "notes"] as const) {
          const nothing = (value: string | null): string => value ?? "";
          const differ = nothing(landed[name]) !== nothing(sent[name]);
          expect(parts.includes(name)).toBe(differ || nothing(now[name]) !== nothing(landed[name]));
        }
      }),
    );
  });

  it("sends everything that may have landed of a row that had not landed before, nothing included", () => {
    const sent = digestOf({ name: "Ada", bio: "tea", notes: null });
    expect(sentOf({ name: "Ada", bio: null, notes: null }, blur(null, sent))).toEqual(["structured", "bio", "notes"]);
  });

  it("leaves nothing in doubt where both are the same", () => {
    const same = digestOf({ name: "Ada", bio: "tea" });
    expect(blur(same, same)).toEqual(Uint8Array.from(same));
  });

  it("stays in doubt, whatever is doubted next", () => {
    fc.assert(
      fc.property(version, version, version, (first, second, third) => {
        const twice = blur(blur(digestOf(first), digestOf(second)), digestOf(third));
        for (const now of [first, second, third]) {
          const parts = sentOf(now, twice);
          if (first.name !== second.name || first.name !== third.name) expect(parts).toContain("structured");
        }
      }),
    );
  });
});
