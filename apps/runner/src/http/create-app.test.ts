import { request } from "node:http";
import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import type { PageEnv } from "../page/access/guard.ts";
import type { PageAccess } from "../page/access/page-access.ts";
import { createApp } from "./create-app.ts";
import { type RunningServer, startServer } from "./start-server.ts";

const TOKEN = "t0ken-of-the-tests-0123456789";
const LOCAL: PageAccess = { isLoopbackOnly: true, token: null, basic: null, publicUrl: null, trustedProxies: 0 };
const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(0);
});

async function start(
  access: PageAccess = LOCAL,
  problem: string | null = null,
  broken = false,
): Promise<RunningServer> {
  const app = createApp({
    access,
    problem: async () => problem,
    metrics: {
      contentType: "text/plain; version=0.0.4",
      text: async () => {
        if (broken) throw new Error("the state hunter2 is gone");
        return "runner_info 1\n";
      },
    },
    page: thePage(),
    now: () => Date.now(),
    onError: () => undefined,
  });
  const server = await startServer(app, { host: "127.0.0.1", port: 0 });
  servers.push(server);
  return server;
}

function thePage(): Hono<PageEnv> {
  const page = new Hono<PageEnv>();
  page.all("*", (c) => c.text("the page"));
  return page;
}

async function ask(server: RunningServer, path: string, headers: Record<string, string> = {}) {
  const { port } = new URL(server.url);
  return new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    })
      .on("error", reject)
      .end();
  });
}

describe("health", () => {
  test("the process answers; it is ready, or says why not", async () => {
    const ready = await start();
    expect(await ask(ready, "/healthz")).toMatchObject({ status: 200, body: "ok\n" });
    expect(await ask(ready, "/readyz")).toMatchObject({
      status: 200,
      body: "ready\n",
      headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
    });
    const troubled = await start(LOCAL, "the state cannot be reached");
    expect(await ask(troubled, "/healthz")).toMatchObject({ status: 200 });
    expect(await ask(troubled, "/readyz")).toMatchObject({
      status: 503,
      body: "not ready: the state cannot be reached\n",
    });
  });
});

describe("metrics", () => {
  test("without credentials answer under the names of this machine only", async () => {
    const server = await start();
    expect(await ask(server, "/metrics")).toMatchObject({ status: 200, body: "runner_info 1\n" });
    expect(await ask(server, "/metrics", { Host: "evil.example" })).toMatchObject({ status: 401 });
    expect(await ask(server, "/metrics", { "X-Forwarded-For": "203.0.113.7" })).toMatchObject({ status: 401 });
  });

  test("ask for the token where there is one, ten times at most", async () => {
    const server = await start({ ...LOCAL, token: TOKEN });
    expect(await ask(server, "/metrics")).toMatchObject({
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="runner"' },
    });
    expect(await ask(server, "/metrics", { Authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 200 });
    for (let tries = 0; tries < 10; tries += 1)
      expect(await ask(server, "/metrics", { Authorization: "Bearer wrong" })).toMatchObject({ status: 401 });
    expect(await ask(server, "/metrics", { Authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 429 });
  });

  test("or for user and password", async () => {
    const server = await start({ ...LOCAL, basic: { user: "ada", password: "correct:horse" } });
    const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString("base64")}` });
    expect(await ask(server, "/metrics", basic("ada:correct:horse"))).toMatchObject({ status: 200 });
    expect(await ask(server, "/metrics", basic("ada:wrong"))).toMatchObject({ status: 401 });
    expect(await ask(server, "/metrics", { Authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 401 });
  });

  test("that cannot be told are an error without details", async () => {
    const { status, body } = await ask(await start(LOCAL, null, true), "/metrics");
    expect(status).toBe(500);
    expect(body).not.toContain("hunter2");
  });
});

test("everything else is the page's", async () => {
  expect(await ask(await start(), "/syncs/x")).toMatchObject({ status: 200, body: "the page" });
});

test("headers that are too large are refused", async () => {
  expect(await ask(await start(), "/healthz", { "X-Long": "x".repeat(20_000) })).toMatchObject({ status: 431 });
});
