import { describe, expect, it } from "vitest";
import { AuthError, TransientError } from "../contracts/errors.ts";
import type { Row } from "../contracts/source.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { fakeStream } from "./__fixtures__/fake-source.ts";
import { type Found, lookUp } from "./look-up.ts";

const runtime = createVirtualRuntime({ seed: 1 });
const signal = new AbortController().signal;
const row = (key: string, deleted = false): Row => ({ key, fields: {}, ...(deleted ? { deleted: true } : {}) });

async function all(answer: (keys: readonly string[]) => readonly Row[], keys: readonly string[], atOnce = 2) {
  const faults: string[] = [];
  const found: Found[] = [];
  const source = { lookup: async (_: unknown, asked: readonly string[]) => answer(asked) };
  const ports = { runtime, signal, onFault: (error: Error) => void faults.push(error.message) };
  await runtime.run(
    (async () => {
      for await (const part of lookUp(source, fakeStream, keys, atOnce, ports)) found.push(part);
    })(),
  );
  return { found, faults };
}

describe("lookUp", () => {
  it("asks a few keys at a time, and tells rows from keys that are gone or deleted", async () => {
    const { found } = await all(
      (keys) => keys.filter((key) => key !== "b").map((key) => row(key, key === "c")),
      ["a", "b", "c"],
    );
    expect(found).toEqual([
      { rows: [row("a")], gone: ["b"] },
      { rows: [], gone: ["c"] },
    ]);
  });

  it("takes no key for gone where the source answers with another one", async () => {
    const { found } = await all((keys) => keys.map((key) => row(key.toLowerCase())), ["A", "b", "c"]);
    expect(found).toEqual([
      { rows: [row("b")], gone: [] },
      { rows: [row("c")], gone: [] },
    ]);
  });

  it("asks again after a passing fault, and gives up in the end", async () => {
    let calls = 0;
    const flaky = (keys: readonly string[]): readonly Row[] => {
      calls += 1;
      if (calls % 3 !== 0) throw new TransientError("busy");
      return keys.map((key) => row(key));
    };
    const { found, faults } = await all(flaky, ["a", "b", "c"]);
    expect(found.flatMap(({ rows }) => rows.map(({ key }) => key))).toEqual(["a", "b", "c"]);
    expect(faults).toHaveLength(4);
    const broken = (): never => {
      throw new TransientError("down");
    };
    await expect(all(broken, ["a"])).rejects.toThrow("down");
    const locked = (): never => {
      throw new AuthError("no");
    };
    await expect(all(locked, ["a"])).rejects.toThrow("no");
  });
});
