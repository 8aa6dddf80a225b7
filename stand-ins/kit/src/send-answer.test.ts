import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { startForTest } from "./__fixtures__/start-for-test.ts";
import type { TinyFault } from "./__fixtures__/tiny-api.ts";

interface Seen {
  readonly body?: string | undefined;
  /** `Content-Length`. */
  readonly length?: string;
  readonly end: "ended" | "reset" | "open";
  readonly aborted: boolean;
  readonly status: number;
}

/** What a plain socket sees, once it has been ended or, where it is to stay open, once `body` is there. */
async function look(fault: TinyFault | undefined, { body, end, aborted }: Seen) {
  const api = await startForTest({ text: "0123456789" });
  if (fault !== undefined) api.control.addFault(fault);
  const socket = connect(api.port, "127.0.0.1");
  let text = "";
  let seen = "open";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on("error", () => {
    seen = "reset";
  });
  socket.on("close", () => {
    if (seen === "open") seen = "ended";
  });
  socket.write("GET / HTTP/1.1\r\nHost: stand-in\r\nConnection: close\r\n\r\n");
  await expect.poll(() => api.control.requests().length).toBe(1);
  if (end === "open") {
    await expect.poll(() => text.split("\r\n\r\n")[1]).toBe(body);
    // Long enough to catch an end that should not come; a slow machine only sees less.
    await setTimeout(50);
  } else await expect.poll(() => seen).not.toBe("open");
  const result = { body: text.split("\r\n\r\n")[1], length: /content-length: (\d+)/i.exec(text)?.[1], end: seen };
  socket.destroy();
  const [entry] = api.control.requests();
  await expect.poll(() => entry?.aborted).toBe(aborted);
  return { ...result, aborted: entry?.aborted, status: entry?.status };
}

test.each<[TinyFault | undefined, Seen]>([
  [undefined, { body: "0123456789", length: "10", end: "ended", aborted: false, status: 200 }],
  [
    { kind: "slow-headers", delayMs: 5 },
    { body: "0123456789", length: "10", end: "ended", aborted: false, status: 200 },
  ],
  [
    { kind: "slow-body", delayMs: 5 },
    { body: "0123456789", length: "10", end: "ended", aborted: false, status: 200 },
  ],
  [
    { kind: "slow-headers", delayMs: 60_000 },
    { body: undefined, end: "open", aborted: true, status: 0 },
  ],
  [
    { kind: "slow-body", delayMs: 60_000 },
    { body: "01234", end: "open", aborted: true, status: 200 },
  ],
  [{ kind: "hang-before" }, { body: undefined, end: "open", aborted: true, status: 0 }],
  [{ kind: "hang-after" }, { body: undefined, end: "open", aborted: true, status: 0 }],
  [
    { kind: "stall-body", share: 0.3 },
    { body: "012", length: "10", end: "open", aborted: true, status: 200 },
  ],
  [{ kind: "reset-before" }, { body: undefined, end: "reset", aborted: true, status: 0 }],
  [{ kind: "reset-after" }, { body: undefined, end: "reset", aborted: true, status: 0 }],
  // A reset may take with it what was sent before.
  [{ kind: "reset-body" }, { end: "reset", aborted: true, status: 200 }],
  [
    { kind: "truncated-body", share: 0.9 },
    { body: "012345678", length: "10", end: "ended", aborted: true, status: 200 },
  ],
  [
    { kind: "short-body", share: 0.2 },
    { body: "01", length: "2", end: "ended", aborted: false, status: 200 },
  ],
])("%j", async (fault, expected) => {
  expect(await look(fault, expected)).toMatchObject(expected);
});

test("a body beyond the limit is read to its end and not kept", async () => {
  const api = await startForTest();
  const post = async (body: string) => (await fetch(api.url, { method: "POST", body })).text();
  expect(await post("x".repeat(100))).toBe("hello, world");
  expect(await post("x".repeat(101))).toBe("too large");
  expect(await post("x".repeat(5_000_000))).toBe("too large");
});
