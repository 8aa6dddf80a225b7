import type { Transaction } from "@acme/sql-source";
import { describe, expect, it } from "vitest";
import { combine, type Horizon, observe, toSafeMicros } from "./horizon.ts";

type Answer = Readonly<Record<string, string | null>>;

const CLOCK = 1_800_000_000_000_000n;
const ago = (seconds: number): string => String(CLOCK - BigInt(seconds) * 1_000_000n);

/** Answers as a server would, one after the other. */
function answering(...answers: readonly (readonly Answer[])[]): Pick<Transaction, "rows"> {
  const left = [...answers];
  const refuse = (): never => {
    throw new Error("not asked for here");
  };
  return { rows: () => Promise.resolve(left.shift() ?? refuse()) };
}

const clock: Answer = { clock: String(CLOCK), standby: "false" };
const session = (since: string | null, hidden = "false"): Answer => ({
  pid: "42",
  application: "nightly",
  role: "ann",
  since,
  hidden,
});

const secondsBehind = (horizon: Horizon): number => Number(CLOCK - toSafeMicros(horizon)) / 1_000_000;

describe("the horizon", () => {
  it.each<[string, readonly Answer[], readonly Answer[], number | null, number]>([
    ["is the clock when nothing is open", [], [], null, 0],
    ["is the oldest transaction", [session(ago(3)), session(ago(30))], [], null, 30],
    ["keeps lagMs from it", [session(ago(3))], [], 2000, 5],
    ["is five minutes back when a session hides", [session(null, "true")], [], null, 300],
    ["is lagMs back when a session hides", [session(null, "true")], [], 7000, 7],
    ["is the older of lag and what can be seen", [session(null, "true"), session(ago(900))], [], null, 900],
    ["counts a prepared transaction from before its time", [], [{ role: "ann", since: ago(10) }], null, 310],
  ])("%s", async (_name, sessions, prepared, lagMs, expected) => {
    expect(secondsBehind(await observe(answering([clock], sessions, prepared), lagMs))).toBe(expected);
  });

  it.each<[string | null, number | null, number]>([
    [ago(10), null, 310],
    [ago(-5), null, 300],
    [ago(10), 1000, 11],
  ])("of a standby counts from what it has replayed (%s, lag %s)", async (replayed, lagMs, expected) => {
    const horizon = await observe(answering([{ ...clock, standby: "true" }], [{ replayed }]), lagMs);
    expect(secondsBehind(horizon)).toBe(expected);
    expect(horizon.basis).toBe("standby");
  });

  it("names who holds it back, after a minute and not before", async () => {
    const young = await observe(answering([clock], [session(ago(59))], []), null);
    expect(young.notices).toStrictEqual([]);
    const old = await observe(answering([clock], [session(ago(61))], []), null);
    expect(old.notices).toStrictEqual([
      'reading stays behind: session 42 (application "nightly", role ann) has had a transaction open since 2027-01-15T07:58:59Z',
    ]);
  });

  it("takes the more careful of two observations", async () => {
    const free = await observe(answering([clock], [], []), null);
    const held = await observe(answering([clock], [session(ago(8))], []), null);
    const hidden = await observe(answering([clock], [session(null, "true")], []), null);
    for (const [first, second, expected] of [
      [free, held, 8],
      [held, free, 8],
      [free, hidden, 300],
      [hidden, free, 300],
    ] as const) {
      expect(secondsBehind(combine(first, second))).toBe(expected);
    }
  });
});
