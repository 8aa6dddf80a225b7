import { describe, expect, it } from "vitest";
import { type Activity, list, oldest, type OpenTransaction, remaining, type Session } from "./under-way.ts";

const session = (thread: string, statement: number, rest: Partial<Session> = {}): Session => ({
  thread,
  statement,
  statementSlack: 0,
  sinceMicros: 5n,
  ...rest,
});
const transaction = (thread: string, id: string, rest: Partial<OpenTransaction> = {}): OpenTransaction => ({
  thread,
  id,
  started: "2026-01-01 00:00:00",
  sinceMicros: 7n,
  isHarmless: false,
  ...rest,
});
const activity = (sessions: readonly Session[], transactions: readonly OpenTransaction[] = []): Activity => ({
  sessions,
  transactions,
});
const idle = activity([]);

/** How many entries are left after each look. */
function after(...looks: readonly Activity[]): number[] {
  const [first = idle, ...others] = looks;
  let open = list(first);
  return [open.length, ...others.map((look) => (open = remaining(open, look)).length)];
}

describe("what was under way", () => {
  it.each<[string, Activity[], number[]]>([
    ["is nothing on an idle server", [idle, idle], [0, 0]],
    ["a statement ends", [activity([session("1", 10)]), idle], [1, 0]],
    ["a statement goes on", [activity([session("1", 10)]), activity([session("1", 10)]), idle], [1, 1, 0]],
    [
      "another statement of the session is not it",
      [activity([session("1", 10)]), activity([session("1", 11)])],
      [1, 0],
    ],
    [
      "where statements go by seconds, one that may be the same is taken for it",
      [
        activity([session("1", 10)]),
        activity([session("1", 11, { statementSlack: 1 })]),
        activity([session("1", 12, { statementSlack: 1 })]),
      ],
      [1, 1, 0],
    ],
    [
      "a transaction ends",
      [activity([], [transaction("1", "100")]), activity([], [transaction("1", "100")]), idle],
      [1, 1, 0],
    ],
    [
      "the session's next transaction is another one",
      [activity([], [transaction("1", "100")]), activity([], [transaction("1", "101")])],
      [1, 0],
    ],
    [
      "one that started in the same second without a number may be the same",
      [
        activity([], [transaction("1", "0")]),
        activity([], [transaction("1", "101")]),
        activity([], [transaction("1", "102")]),
      ],
      [1, 1, 0],
    ],
    [
      "a number that is an address says nothing",
      [activity([], [transaction("1", "421234567890123")]), activity([], [transaction("1", "7")])],
      [1, 1],
    ],
    [
      "a statement may turn out to belong to a transaction that began later",
      [
        activity([session("1", 10)]),
        activity([], [transaction("1", "100", { started: "2026-01-01 00:05:00" })]),
        activity([], [transaction("1", "101", { started: "2026-01-01 00:05:00" })]),
      ],
      [1, 1, 0],
    ],
    [
      "a statement whose transaction cannot write is not waited for",
      [activity([session("1", 10)], [transaction("1", "0", { isHarmless: true })])],
      [0],
    ],
    [
      "a transaction that was prepared goes on without its session",
      [
        activity([], [transaction("1", "0")]),
        activity([], [transaction("0", "100")]),
        activity([], [transaction("0", "101")]),
        idle,
      ],
      [1, 1, 0, 0],
    ],
    [
      "a statement may have been prepared before its transaction was seen",
      [
        activity([session("1", 10)]),
        activity([], [transaction("0", "100"), transaction("0", "101")]),
        activity([], [transaction("0", "101")]),
      ],
      [1, 2, 1],
    ],
    [
      "what begins later is not waited for",
      [activity([session("1", 10)]), activity([session("2", 11)], [transaction("3", "100")])],
      [1, 0],
    ],
  ])("%s", (_name, looks, expected) => {
    expect(after(...looks)).toStrictEqual(expected);
  });

  it("began with its oldest part", () => {
    expect(oldest(idle)).toBeNull();
    expect(oldest(activity([session("1", 1)], [transaction("2", "1")]))).toBe(5n);
    expect(oldest(activity([], [transaction("2", "1", { isHarmless: true })]))).toBeNull();
  });
});
