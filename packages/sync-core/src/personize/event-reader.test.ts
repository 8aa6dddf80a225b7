import { describe, expect, it } from "vitest";
import type { CallRequest, CallResult, Caller } from "./caller.ts";
import type { Client } from "./client.ts";
import { createEventReader } from "./event-reader.ts";

const never = new AbortController().signal;
const gone: CallResult<never> = {
  ok: false,
  failure: { kind: "absent", status: 404, code: null, text: "HTTP 404" },
  ambiguous: false,
};

interface Answers {
  /** Pages of the listing; null: there is none. */
  readonly listing?: ((nextToken: string | null) => unknown) | null;
  readonly event?: (eventId: string) => unknown;
}

/** A reader over answers; what was asked is remembered. */
function setUp({ listing = null, event = () => null }: Answers) {
  const asked: string[] = [];
  const client: Pick<Client, "event" | "listEvents"> = {
    async event(eventId) {
      asked.push(eventId);
      return event(eventId);
    },
    async listEvents(limit, nextToken) {
      asked.push(`list ${limit} ${nextToken ?? ""}`.trim());
      return listing === null ? null : listing(nextToken);
    },
  };
  const caller: Pick<Caller, "call"> = {
    async call<T>(request: CallRequest<T>): Promise<CallResult<T>> {
      expect(request).toMatchObject({ units: 1, carriesRows: false });
      const value = await request.attempt();
      return value === null ? gone : { ok: true, value, ambiguous: false };
    },
  };
  const reader = createEventReader(client, caller);
  const read = async (events: Record<string, number>) =>
    Object.fromEntries(
      [...(await reader.read(new Map(Object.entries(events)), never))].map(([eventId, { state }]) => [eventId, state]),
    );
  return { asked, reader, read };
}

const one = (status: string, more = {}) => ({ success: true, data: { status, ...more } });

describe("asking about events", () => {
  it("asks for a single event by its id", async () => {
    const { asked, read } = setUp({ event: () => one("completed") });
    expect(await read({ a: 5 })).toEqual({ a: "landed" });
    expect(asked).toEqual(["a"]);
  });

  it.each<[string, (events: unknown[]) => unknown]>([
    ["data", (events) => ({ data: events })],
    ["data.events", (events) => ({ data: { events } })],
    ["data.items", (events) => ({ data: { items: events } })],
    ["events", (events) => ({ events })],
  ])("answers for many with one listing, wherever it keeps them: %s", async (_, put) => {
    const { asked, read, reader } = setUp({
      listing: () =>
        put([
          { eventId: "a", status: "completed" },
          { id: "b", status: "processing" },
          { eventId: "stranger", status: "failed" },
        ]),
    });
    expect(await read({ a: 5, b: 5 })).toEqual({ a: "landed", b: "in-flight" });
    expect(asked).toEqual(["list 100"]);
    expect(reader.listed()).toBe(true);
  });

  it("follows the listing's pages only as far as it must", async () => {
    const pages: Record<string, unknown> = {
      "": { data: { events: [{ eventId: "a", status: "completed" }], nextToken: "2" } },
      "2": { data: { events: [{ eventId: "b", status: "completed" }], nextToken: "3" } },
    };
    const { asked, read } = setUp({ listing: (token) => pages[token ?? ""] });
    expect(await read({ a: 1, b: 1 })).toEqual({ a: "landed", b: "landed" });
    expect(asked).toEqual(["list 100", "list 100 2"]);
  });

  it("does not follow a listing that never ends", async () => {
    const { asked, read } = setUp({
      listing: () => ({ data: { events: [{ eventId: "x", status: "completed" }], nextToken: "same" } }),
      event: () => one("processing"),
    });
    expect(await read({ a: 1, b: 1 })).toEqual({ a: "in-flight", b: "in-flight" });
    expect(asked).toEqual(["list 100", "list 100 same", "a", "b"]);
  });

  it("asks the event itself where the listing tells of a failure or nothing", async () => {
    const { asked, read } = setUp({
      listing: () => ({
        data: [
          { eventId: "a", status: "completed" },
          { eventId: "b", status: "partial_failure" },
          { eventId: "c", status: "failed" },
        ],
      }),
      event: (eventId) => (eventId === "b" ? one("partial_failure", { errors: [{ index: 0, code: "A_CODE" }] }) : null),
    });
    expect(await read({ a: 5, b: 5, c: 5, d: 5 })).toEqual({ a: "landed", b: "partial", c: "vanished", d: "vanished" });
    expect(asked).toEqual(["list 100", "b", "c", "d"]);
  });

  it.each<[string, unknown]>([
    ["is not there", null],
    ["is no list", { data: { count: 3 } }],
    ["lists something else", { data: [{ name: "webhook" }] }],
  ])("asks one by one, ten at a time and the oldest first, where the listing %s", async (_, listing) => {
    const { asked, read, reader } = setUp({ listing: () => listing, event: () => one("processing") });
    const events = Object.fromEntries(Array.from({ length: 14 }, (__, index) => [`e${index}`, 5]));
    expect(Object.keys(await read(events))).toHaveLength(10);
    expect(asked).toEqual(["list 100", ...Array.from({ length: 10 }, (__, index) => `e${index}`)]);
    expect(reader.listed()).toBe(false);
    asked.length = 0;
    await read(events);
    expect(asked).not.toContain("list 100");
  });
});
