import { createServer } from "node:http";
import { openSqliteRunQueue, type RunQueue } from "@acme/sync-core";
import { createVirtualRuntime } from "@acme/sync-core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Alerts, createAlerts } from "./create-alerts.ts";
import { postAlert, toSlack } from "./post-alert.ts";

interface Request {
  readonly body: unknown;
  readonly type: string | undefined;
}

/** A webhook: what it was sent, and how it answers. */
async function startWebhook(answer: (count: number) => number = () => 200) {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests.push({ body: JSON.parse(Buffer.concat(chunks).toString()), type: request.headers["content-type"] });
      response.writeHead(answer(requests.length)).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/hooks/s3cret-path`,
    requests,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const failed = { sync: "customers", kind: "failed" };
let queue: RunQueue;
let clock = 0;
let webhook: Awaited<ReturnType<typeof startWebhook>>;
let problems: unknown[];

beforeEach(async () => {
  clock = Date.UTC(2026, 10, 28);
  problems = [];
  webhook = await startWebhook();
  queue = await openSqliteRunQueue({ file: ":memory:", now: () => clock });
});
afterEach(async () => {
  await queue.close();
  await webhook.close();
});

function alertsTo(url: string, format: "json" | "slack" = "json"): Alerts {
  const options = {
    url,
    format,
    fetch: globalThis.fetch,
    // Waits between tries take no time here.
    runtime: { ...createVirtualRuntime(), sleep: async () => undefined },
    signal: new AbortController().signal,
  };
  return createAlerts({
    queue,
    now: () => clock,
    redact: (text) => text.replaceAll("hunter2", "***"),
    post: (told) => postAlert(told, options),
    onChange: () => undefined,
    onProblem: (error) => problems.push(error),
  });
}

describe("an alert", () => {
  test("is told once when it is raised, and once when it is right again", async () => {
    const alerts = alertsTo(webhook.url);
    await alerts.set(failed, "wrong password");
    await alerts.idle();
    await alerts.set(failed, "still the wrong password");
    await alerts.idle();
    await alerts.set(failed, null);
    await alerts.set(failed, null);
    await alerts.idle();
    expect(webhook.requests.map(({ body }) => body)).toEqual([
      { event: "raised", ...failed, text: "wrong password", raisedAt: "2026-11-28T00:00:00.000Z" },
      { event: "cleared", ...failed, text: "still the wrong password", raisedAt: "2026-11-28T00:00:00.000Z" },
    ]);
    expect(webhook.requests[0]?.type).toBe("application/json");
  });

  test("holds no secret", async () => {
    const alerts = alertsTo(webhook.url);
    await alerts.set(failed, "password hunter2 is wrong");
    await alerts.idle();
    expect(webhook.requests[0]?.body).toMatchObject({ text: "password *** is wrong" });
    expect((await queue.alerts())[0]?.text).toBe("password *** is wrong");
  });

  test("of no single sync has none", async () => {
    const alerts = alertsTo(webhook.url);
    await alerts.set({ sync: "", kind: "quota-forecast" }, "soon used up");
    await alerts.idle();
    expect(webhook.requests[0]?.body).toMatchObject({ sync: null, kind: "quota-forecast" });
  });

  test("is told by one of several runners", async () => {
    const both = [alertsTo(webhook.url), alertsTo(webhook.url)];
    await Promise.all(both.map((alerts) => alerts.set(failed, "wrong password")));
    await Promise.all(both.map((alerts) => alerts.idle()));
    expect(webhook.requests).toHaveLength(1);
  });

  test("that is right before it could be told is told in order, or not at all", async () => {
    const alerts = alertsTo(webhook.url);
    await alerts.set(failed, "wrong password");
    await alerts.set(failed, null);
    await alerts.idle();
    expect(webhook.requests.map(({ body }) => body)).toMatchObject([{ event: "raised" }, { event: "cleared" }]);
  });

  test("that was never told is not told to be right", async () => {
    const unreachable = alertsTo("http://127.0.0.1:1/");
    await unreachable.set(failed, "wrong password");
    await unreachable.idle();
    await unreachable.set(failed, null);
    await unreachable.idle();
    expect(problems.map(String)).toEqual(["Error: the alert webhook could not be reached"]);
    const alerts = alertsTo(webhook.url);
    await alerts.tellUntold();
    await alerts.idle();
    expect(webhook.requests).toEqual([]);
  });

  test("that could not be told is told later, also by another runner", async () => {
    const unreachable = alertsTo("http://127.0.0.1:1/");
    await unreachable.set(failed, "wrong password");
    await unreachable.idle();
    const other = alertsTo(webhook.url);
    await other.tellUntold();
    await other.idle();
    expect(webhook.requests).toHaveLength(0);
    clock += 3 * 60_000;
    await other.tellUntold();
    await other.idle();
    await other.tellUntold();
    await other.idle();
    expect(webhook.requests).toHaveLength(1);
  });

  test("is tried again while the webhook is in trouble, and not when it refuses", async () => {
    const troubled = await startWebhook((count) => (count < 3 ? 503 : 200));
    const alerts = alertsTo(troubled.url);
    await alerts.set(failed, "wrong password");
    await alerts.idle();
    expect(troubled.requests).toHaveLength(3);
    expect((await queue.alerts())[0]?.toldAt).toBe(clock);
    await troubled.close();

    const refusing = await startWebhook(() => 404);
    const refused = alertsTo(refusing.url);
    await refused.set({ sync: "orders", kind: "failed" }, "wrong password");
    await refused.idle();
    expect(refusing.requests).toHaveLength(1);
    await refusing.close();
    expect(problems.map(String)).toEqual(["Error: the alert webhook answered 404"]);
    expect(String(problems)).not.toContain("s3cret-path");
  });
});

test("for Slack names and texts are no markup", () => {
  const alert = { sync: "a<b>", kind: "failed", text: "x & <!channel>", raisedAt: 0, toldAt: null };
  expect(toSlack({ event: "raised", alert })).toEqual({
    text: ":warning: *a&lt;b&gt;*: x &amp; &lt;!channel&gt;",
  });
  expect(toSlack({ event: "cleared", alert: { ...alert, sync: "" } }).text).toBe(
    ":white_check_mark: *All syncs*: right again (failed): x &amp; &lt;!channel&gt;",
  );
});
