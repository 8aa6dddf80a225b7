import { describe, expect, test } from "vitest";
import { rowsOf, toBatch, toDigest, toParked, land, incompressible } from "../state-rows.ts";
import { start, type StateWorld } from "./world.ts";

export function describeRows(world: StateWorld): void {
  describe("rows", () => {
    test("are known by the digest that landed last, and unknown before", async () => {
      const state = await world.claim();
      expect(await world.store.known("customers", ["a", "b"])).toEqual(new Map());
      await land(state, ["a", "b"], "first");
      await land(state, ["b"], "second");
      expect(await world.store.known("customers", ["a", "b", "c", "a"])).toEqual(
        new Map([
          ["a", { landed: toDigest("first"), parked: null }],
          ["b", { landed: toDigest("second"), parked: null }],
        ]),
      );
      expect(await world.store.known("customers", [])).toEqual(new Map());
      expect((await world.store.summary("customers"))?.landedRows).toBe(2);
    });

    test("of one sync are not those of another", async () => {
      await land(await world.claim(), ["a"], "first");
      await world.claim("run 1", "orders");
      expect(await world.store.known("orders", ["a"])).toEqual(new Map());
      expect((await world.store.summary("orders"))?.landedRows).toBe(0);
    });

    test("keep apart whatever text their keys are", async () => {
      const keys = [
        "",
        " ",
        "a",
        "A",
        "a\0",
        "a\0b",
        "\ud800",
        "\udc00",
        "\ufffd",
        "\u001a",
        '\u001a"a\\u0000"',
        "'",
        '"',
        "é",
        "e\u0301",
        "🙂",
        "1",
        "1.0",
        "x".repeat(5_000),
        // Longer than an index entry of any database, and not to be compressed; they differ at their end only.
        `${incompressible}a`,
        `${incompressible}b`,
      ];
      const state = await world.claim();
      for (const [index, key] of keys.entries()) await land(state, [key], String(index));
      const known = await world.store.known("customers", keys);
      expect(new Set(known.keys())).toEqual(new Set(keys));
      for (const [index, key] of keys.entries()) expect(known.get(key)?.landed).toEqual(toDigest(String(index)));
      await state.writeDown(
        [toBatch("odd", keys)],
        keys.map((key) => toParked(key)),
      );
      expect((await state.unsettled())[0]?.rows.map((row) => row.key)).toEqual(keys);
      expect(new Set((await world.store.parked("customers", Infinity)).map((row) => row.key))).toEqual(new Set(keys));
    });

    test("that are forgotten are new again", async () => {
      const state = await world.claim();
      await land(state, ["a", "b"], "first");
      await state.writeDown([], [toParked("b"), toParked("c")]);
      await state.forgetRows(["b", "c", "never seen"]);
      expect([...(await world.store.known("customers", ["a", "b", "c"])).keys()]).toEqual(["a"]);
      expect(await world.store.summary("customers")).toMatchObject({ landedRows: 1, parkedRows: 0 });
    });
  });

  describe("parked rows", () => {
    test("carry reason, digest and times; a newer version replaces all but the first time", async () => {
      const state = await world.claim();
      await state.writeDown([], [toParked("a", "too-large", "first"), { ...toParked("b"), digest: null }]);
      world.clock += 1_000;
      await state.writeDown([], [toParked("a", "no-identity", "second")]);
      expect(await world.store.known("customers", ["a", "b"])).toEqual(
        new Map([
          ["a", { landed: null, parked: toDigest("second") }],
          // No version of it is: it could not be mapped.
          ["b", { landed: null, parked: new Uint8Array() }],
        ]),
      );
      expect(await world.store.parked("customers", 10)).toEqual([
        { key: "a", code: "no-identity", reason: "because of a", firstAt: start, lastAt: start + 1_000 },
        { key: "b", code: "refused", reason: "because of b", firstAt: start, lastAt: start },
      ]);
      expect(await world.store.parked("customers", 1)).toHaveLength(1);
      expect((await world.store.summary("customers"))?.parkedRows).toBe(2);
    });

    test("are freed when a version of them lands, and may come from a settlement", async () => {
      const state = await world.claim();
      await state.writeDown([toBatch("b1", ["a", "b"])], [toParked("a")]);
      await state.settle({ batchId: "b1", landed: rowsOf("a"), parked: [toParked("b")], replacedBy: [] });
      expect((await world.store.parked("customers", 10)).map((row) => row.key)).toEqual(["b"]);
      expect(await world.store.summary("customers")).toMatchObject({ landedRows: 1, parkedRows: 1 });
    });

    test("keep what had landed before", async () => {
      const state = await world.claim();
      await land(state, ["a"], "first");
      await state.writeDown([], [toParked("a", "refused", "second")]);
      expect((await world.store.known("customers", ["a"])).get("a")).toEqual({
        landed: toDigest("first"),
        parked: toDigest("second"),
      });
    });

    test("come from rows that are distrusted: what is known of them changes, but for their record, if they had landed", async () => {
      const state = await world.claim();
      await state.settle({
        batchId: "any",
        landed: [...rowsOf("a", "a\0"), { key: "b", digest: toDigest("b"), identity: "record b" }],
        parked: [toParked("b", "refused", "second")],
        replacedBy: [],
      });
      const rows = ["a", "a\0", "b", "never landed"].map((key) => ({ key, digest: toDigest("unknown") }));
      for (let times = 0; times < 2; times += 1) {
        await state.distrust(rows, { code: "differs", reason: "it differs" });
        expect(await world.store.summary("customers")).toMatchObject({ landedRows: 3, parkedRows: 3 });
        const parked = await world.store.parked("customers", 10);
        expect(parked.map(({ key, code, reason }) => [key, code, reason])).toEqual(
          expect.arrayContaining(["a", "a\0", "b"].map((key) => [key, "differs", "it differs"])),
        );
      }
      const known = await world.store.known("customers", ["a", "a\0", "b", "never landed"]);
      const distrusted = { landed: toDigest("unknown"), parked: new Uint8Array() };
      expect([...known].toSorted(([left], [right]) => (left < right ? -1 : 1))).toEqual([
        ["a", distrusted],
        ["a\0", distrusted],
        ["b", { ...distrusted, identity: "record b" }],
      ]);
    });

    test("of an unknown sync are none", async () => {
      expect(await world.store.parked("nobody", 10)).toEqual([]);
    });
  });
}
