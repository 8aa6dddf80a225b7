import { describe, expect, it } from "vitest";
import type { Outcome } from "../contracts/destination.ts";
import type { UnsettledBatch } from "../contracts/state.ts";
import { openSqliteState } from "../state/open-sqlite-state.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { roomy, sketchMapping, sourceRow } from "./__fixtures__/mapping.ts";
import { batch } from "./batch.ts";
import { diff } from "./diff.ts";
import { createDigester } from "./digest.ts";
import { createEchoes } from "./echoes.ts";
import { map } from "./map.ts";
import { rememberRecord } from "./remembered-record.ts";
import { settleEarlier, type SettleEarlierPorts } from "./settle-earlier.ts";

const never = new AbortController().signal;
const mapping = sketchMapping();

/** A sync that an earlier run left with one batch of three rows, of which version `before` had landed, if one had. */
async function leftBehind(
  how: "written" | "sent" | "accepted",
  outcome: Exclude<Outcome, { state: "in-flight" }>,
  before: "none" | "another" | "the same" = "none",
  remember: SettleEarlierPorts["remember"] = () => null,
) {
  const runtime = createVirtualRuntime();
  const store = await openSqliteState({ file: ":memory:", now: () => runtime.now() });
  const state = await store.claim("s", "test", 60_000);
  if (state === null) throw new Error("the claim was refused");
  const { rows } = map([sourceRow("1"), sourceRow("2"), sourceRow("3")], mapping);
  const { changed } = diff(rows, new Map(), createDigester(mapping), false);
  const { batches } = batch(changed, mapping, roomy, { fence: 1, page: 0 });
  const [id = ""] = batches.map((left) => left.id);
  const landedBefore = changed.map(({ row, digest }) => ({
    key: row.key,
    digest: before === "the same" ? digest : Uint8Array.of(7),
  }));
  if (before !== "none") await state.settle({ batchId: "earlier", landed: landedBefore, parked: [], replacedBy: [] });
  await state.writeDown(batches, []);
  if (how !== "written") await state.markSent(id);
  if (how === "accepted") await state.markAccepted(id, "evt");
  const echoes = createEchoes(runtime);
  const settle = (): Promise<number> =>
    runtime.run(
      settleEarlier({
        state,
        known: (keys) => store.known("s", keys),
        runtime,
        echoes,
        lateLandingMs: 60_000,
        remember,
        confirmations: {
          confirm: async () => outcome,
          pending: () => 0,
          pendingRows: () => 0,
          oldestAgeMs: () => null,
          landingMs: () => null,
        },
      }),
    );
  const versions = [...landedBefore, ...changed].map(({ digest }) => Buffer.from(digest));
  /** Keys of which it is known for certain which version is there. */
  const known = async (): Promise<string[]> =>
    [...(await store.known("s", ["1", "2", "3"]))].flatMap(([key, { landed }]) =>
      landed !== null && versions.some((version) => version.equals(landed)) ? [key] : [],
    );
  const identities = async (): Promise<(string | undefined)[]> =>
    [...(await store.known("s", ["1", "2", "3"]))].map(([, { identity }]) => identity);
  const unsettled = async (): Promise<readonly UnsettledBatch[]> => await state.unsettled();
  const newer = changed.map((row) => ({ ...row, digest: Uint8Array.of(1) }));
  return { runtime, state, settle, known, identities, unsettled, echoes, changed, newer };
}

describe("settling what an earlier run left", () => {
  it.each<[Exclude<Outcome, { state: "in-flight" }>, string[]]>([
    [{ state: "landed" }, ["1", "2", "3"]],
    [{ state: "partial", reason: "x", failures: [{ index: 1, code: "C", reason: "c" }] }, ["1", "3"]],
    [{ state: "partial", reason: "x", failures: null }, []],
    [{ state: "failed", reason: "x", again: false }, []],
    [{ state: "failed", reason: "x", again: true }, []],
    [{ state: "out-of-credits" }, []],
    [{ state: "vanished" }, []],
  ])("an accepted batch that ended as %j leaves these rows landed: %j", async (outcome, landed) => {
    const { settle, known, unsettled } = await leftBehind("accepted", outcome);
    expect(await settle()).toBe(landed.length);
    expect(await known()).toEqual(landed);
    expect(await unsettled()).toEqual([]);
  });

  it.each<[SettleEarlierPorts["remember"], (string | undefined)[]]>([
    [rememberRecord, ["1", "3"].map((key) => `["contact","email",null,"${key}@example.com"]`)],
    [() => null, [undefined, undefined]],
  ])(
    "rows that landed are remembered under their records where the sync deletes; others are not",
    async (remember, expected) => {
      const partial: Outcome = { state: "partial", reason: "x", failures: [{ index: 1, code: "C", reason: "c" }] };
      const { settle, identities } = await leftBehind("accepted", partial, "none", remember);
      expect(await settle()).toBe(2);
      expect(await identities()).toEqual(expected);
    },
  );

  it("rows in doubt are remembered under no record: it may be somebody else's", async () => {
    const { settle, identities } = await leftBehind("sent", { state: "landed" }, "none", rememberRecord);
    expect(await settle()).toBe(0);
    expect(await identities()).toEqual([undefined, undefined, undefined]);
  });

  it("forgets at once what never left", async () => {
    const { runtime, settle, unsettled, echoes, newer } = await leftBehind("written", { state: "landed" });
    const before = runtime.now();
    expect(await settle()).toBe(0);
    expect(await unsettled()).toEqual([]);
    await runtime.run(echoes.untilSilent(newer, never));
    expect(runtime.now()).toBe(before);
  });

  it("holds newer versions back while a batch without an answer may still land, then forgets it", async () => {
    const { runtime, settle, known, unsettled, echoes, changed, newer } = await leftBehind("sent", { state: "landed" });
    const sentAt = runtime.now();
    expect(await settle()).toBe(0);
    await runtime.run(echoes.untilSilent(changed, never));
    expect(runtime.now()).toBe(sentAt);
    await runtime.run(echoes.untilSilent(newer, never));
    expect(runtime.now()).toBe(sentAt + 60_000);
    expect(await unsettled()).toEqual([]);
    expect(await known()).toEqual([]);
  });

  it("remembers through any number of runs what may still land", async () => {
    const { runtime, settle, state, changed } = await leftBehind("sent", { state: "landed" });
    const until = runtime.now() + 60_000;
    await settle();
    expect(await state.echoes()).toMatchObject([
      { untilMs: until, rows: changed.map(({ row }) => ({ record: row.record })) },
    ]);
    await runtime.run(runtime.sleep(60_000, never));
    expect(await state.echoes()).toEqual([]);
  });

  it("remembers what may still land of a batch whose second try was accepted", async () => {
    const { runtime, settle, state, known } = await leftBehind("accepted", { state: "landed" });
    const id = (await state.unsettled())[0]?.id ?? "";
    await state.markAccepted(id, "evt", runtime.now() + 5000);
    await settle();
    expect(await known()).toEqual(["1", "2", "3"]);
    expect(await state.echoes()).toMatchObject([{ untilMs: runtime.now() + 5000 }]);
  });

  it.each<[Parameters<typeof leftBehind>[0], Exclude<Outcome, { state: "in-flight" }>, string[]]>([
    ["written", { state: "landed" }, ["1", "2", "3"]],
    ["sent", { state: "landed" }, []],
    ["accepted", { state: "landed" }, ["1", "2", "3"]],
    ["accepted", { state: "vanished" }, []],
    ["accepted", { state: "failed", reason: "x", again: true }, []],
    ["accepted", { state: "out-of-credits" }, []],
    ["accepted", { state: "partial", reason: "x", failures: null }, []],
    ["accepted", { state: "partial", reason: "x", failures: [{ index: 1, code: "C", reason: "c" }] }, ["1", "2", "3"]],
  ])("a batch that was %s and ended as %j leaves no doubt about the rows %j only", async (how, outcome, certain) => {
    const { settle, known } = await leftBehind(how, outcome, "another");
    await settle();
    expect(await known()).toEqual(certain);
  });

  it("has no doubt about rows of which the very same version had landed before", async () => {
    const { settle, known } = await leftBehind("sent", { state: "landed" }, "the same");
    await settle();
    expect(await known()).toEqual(["1", "2", "3"]);
  });
});
