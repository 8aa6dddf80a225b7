import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ask, createVisitor } from "./__fixtures__/browse.ts";
import { BIDI, BREAKOUT, hostile, SCRIPT } from "./__fixtures__/scenes.ts";
import { LOCAL, type Served, servePage, TOKEN, WITH_TOKEN } from "./__fixtures__/serve-page.ts";
import { pageLimits } from "./page-limits.ts";

let served: Served | null = null;

async function serve(...parts: Parameters<typeof servePage>): Promise<Served> {
  served = await servePage(...parts);
  return served;
}

afterEach(async () => {
  expect(served?.errors ?? []).toEqual([]);
  await served?.[Symbol.asyncDispose]();
  served = null;
});

const PATHS = [
  "/",
  "/quota",
  "/live",
  "/syncs/customers",
  "/syncs/customers?key=1",
  "/syncs/customers/runs/x",
  "/syncs/customers/runs/x/receipt.json",
  "/nothing",
];
const BASIC = { user: "ops", password: "a long password" };

function basic(user: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

describe("attack: no token", () => {
  it("shows nothing of the syncs on any path, and leads people to the form", async () => {
    const { port } = await serve(undefined, WITH_TOKEN);
    for (const path of PATHS) {
      const person = await ask(port, path, { headers: { accept: "text/html" } });
      expect({ path, status: person.status }).toEqual({ path, status: 303 });
      expect(person.headers.location).toMatch(/^\/login/);
      const script = await ask(port, path);
      expect({ path, status: script.status }).toEqual({ path, status: 401 });
      expect(script.headers["www-authenticate"]).toBe('Bearer realm="runner"');
      expect(person.text + script.text).not.toContain("customers");
    }
  });

  it("does nothing on a POST", async () => {
    const { port, runner } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    await visitor.get("/login");
    expect((await visitor.post("/syncs/customers/run")).status).toBe(401);
    expect(runner.asked).toEqual([]);
  });
});

describe("attack: wrong token", () => {
  it.each([
    ["empty", ""],
    ["another", "another-token-of-some-length"],
    ["the beginning", TOKEN.slice(0, -1)],
    ["one longer", `${TOKEN}x`],
    ["other case", TOKEN.toUpperCase()],
  ])("%s: lets nobody in, neither by the form nor as a bearer", async (_, token) => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    const answer = await visitor.signIn(token);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain("That is not the token.");
    if (token !== "") expect(answer.text).not.toContain(token);
    expect((await visitor.get("/")).status).toBe(303);
    expect((await ask(port, "/", { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  });

  it("the right one opens: by the form with a session, as a bearer without", async () => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    expect((await visitor.signIn()).headers.location).toBe("/");
    expect((await visitor.get("/")).text).toContain("customers");
    const bearer = await ask(port, "/", { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(bearer.text).toContain("customers");
    expect(bearer.headers["set-cookie"]).toBeUndefined();
  });

  it("basic credentials: only the right pair opens, and no form to sign in is offered", async () => {
    const { port } = await serve(undefined, { ...LOCAL, basic: BASIC });
    for (const [user, password] of [
      ["ops", "wrong"],
      ["other", BASIC.password],
      ["", ""],
    ] as const) {
      const answer = await ask(port, "/", { headers: basic(user, password) });
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe('Basic realm="runner", charset="UTF-8"');
    }
    expect((await ask(port, "/", { headers: basic(BASIC.user, BASIC.password) })).status).toBe(200);
    expect((await ask(port, "/login", { headers: basic(BASIC.user, BASIC.password) })).status).toBe(404);
  });
});

describe("attack: session fixation and stolen sessions", () => {
  it("an id that was planted before signing in is worth nothing after", async () => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const victim = createVisitor(port);
    const planted = "A".repeat(43);
    victim.cookies.set("runner_session", planted);
    expect((await victim.signIn()).status).toBe(303);
    expect(victim.cookies.get("runner_session")).not.toBe(planted);
    expect((await ask(port, "/", { headers: { cookie: `runner_session=${planted}` } })).status).toBe(401);
  });

  it("signing in again ends the session before, signing out ends it at once, on the server", async () => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    await visitor.signIn();
    const first = visitor.cookies.get("runner_session") ?? "";
    const isIn = async (id: string) =>
      (await ask(port, "/", { headers: { cookie: `runner_session=${id}` } })).status === 200;
    expect(await isIn(first)).toBe(true);
    await visitor.get("/");
    expect((await visitor.post("/login", { token: TOKEN })).status).toBe(303);
    const second = visitor.cookies.get("runner_session") ?? "";
    expect([await isIn(first), await isIn(second)]).toEqual([false, true]);
    await visitor.get("/");
    expect((await visitor.post("/logout")).headers.location).toBe("/login");
    expect(await isIn(second)).toBe(false);
  });

  it("the cookie is for this server's pages only, and for https only where there is https", async () => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const plain = await createVisitor(port).signIn();
    expect(plain.headers["set-cookie"]?.join()).toMatch(
      /^runner_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    await served?.[Symbol.asyncDispose]();
    const behind = await serve(undefined, {
      ...WITH_TOKEN,
      isLoopbackOnly: false,
      publicUrl: "https://syncs.example.com",
    });
    const visitor = createVisitor(behind.port);
    await visitor.get("/login");
    const secure = await visitor.post("/login", { token: TOKEN }, { origin: "https://syncs.example.com" });
    expect(secure.headers["set-cookie"]?.join()).toMatch(
      /^__Host-runner_session=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(secure.headers["strict-transport-security"]).toBe("max-age=15552000");
  });

  it("a session ends after its time", async () => {
    let now = Date.now();
    const { port } = await serve(undefined, WITH_TOKEN, { now: () => now });
    const visitor = createVisitor(port);
    await visitor.signIn();
    now += pageLimits.sessionMs - 1;
    expect((await visitor.get("/")).status).toBe(200);
    now += 2;
    expect((await visitor.get("/")).status).toBe(303);
  });
});

describe("attack: cross-site request forgery", () => {
  it.each([
    ["no form token", { csrf: "" }, {}],
    ["an invented form token", { csrf: "x".repeat(43) }, {}],
    ["another site's origin", {}, { origin: "https://evil.example" }],
    ["the same name at another port", {}, { origin: "http://127.0.0.1:1" }],
    ["a hidden origin", {}, { origin: "null" }],
    ["no word on where it comes from", {}, { origin: undefined }],
    ["a cross-site mark, with our origin", {}, { "sec-fetch-site": "cross-site" }],
    ["a same-site mark", {}, { "sec-fetch-site": "same-site" }],
  ])("%s: nothing is done", async (_, fields, headers) => {
    for (const access of [LOCAL, WITH_TOKEN]) {
      const { port, runner } = await serve(undefined, access);
      const visitor = createVisitor(port);
      if (access.token !== null) await visitor.signIn();
      await visitor.get("/syncs/customers");
      const answer = await visitor.post("/syncs/customers/run", fields, headers);
      expect(answer.status).toBe(403);
      expect(runner.asked).toEqual([]);
      await served?.[Symbol.asyncDispose]();
      served = null;
    }
  });

  it("a form token of one session is worth nothing in another", async () => {
    const { port, runner } = await serve(undefined, WITH_TOKEN);
    const [attacker, victim] = [createVisitor(port), createVisitor(port)];
    await attacker.signIn();
    await victim.signIn();
    const { text } = await attacker.get("/syncs/customers");
    const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? "";
    expect(csrf).not.toBe("");
    await victim.get("/syncs/customers");
    expect((await victim.post("/syncs/customers/run", { csrf })).status).toBe(403);
    expect(runner.asked).toEqual([]);
  });

  it("nobody is signed in or out by another site", async () => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    await visitor.get("/login");
    expect((await visitor.post("/login", { token: TOKEN }, { origin: "https://evil.example" })).status).toBe(403);
    await visitor.signIn();
    await visitor.get("/");
    expect((await visitor.post("/logout", {}, { origin: "https://evil.example" })).status).toBe(403);
    expect((await visitor.get("/")).status).toBe(200);
  });

  it("basic credentials, which a browser sends by itself, need the form token as well", async () => {
    const { port, runner } = await serve(undefined, { ...LOCAL, basic: BASIC });
    const visitor = createVisitor(port);
    const known = basic(BASIC.user, BASIC.password);
    expect((await visitor.post("/syncs/customers/run", {}, known)).status).toBe(403);
    await visitor.get("/syncs/customers", known);
    expect((await visitor.post("/syncs/customers/run", {}, known)).status).toBe(303);
    expect(runner.asked).toEqual(["runNow customers"]);
  });

  it("is told apart from the page's own forms, and from scripts with the token", async () => {
    const { port, runner } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    await visitor.signIn();
    await visitor.get("/syncs/customers");
    expect((await visitor.post("/syncs/customers/run")).headers.location).toBe("/syncs/customers?said=run-queued");
    // A browser that hides the origin says where the form was in another way.
    const hidden = await visitor.post("/syncs/deals/pause", {}, { origin: "null", "sec-fetch-site": "same-origin" });
    expect(hidden.status).toBe(303);
    const bearer = await ask(port, "/syncs/owners/cancel", {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(bearer.headers.location).toBe("/syncs/owners?said=cancel-none");
    expect(runner.asked).toEqual(["runNow customers", "pause deals", "cancel owners"]);
  });
});

describe("attack: DNS rebinding, and proxies in front of a page without a token", () => {
  it.each([
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "0.0.0.0",
    "[::2]",
    "2130706433",
  ])("Host: %s is not answered", async (host) => {
    const { port, runner } = await serve();
    for (const path of PATHS) {
      const answer = await ask(port, path, { headers: { host } });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain("customers");
    }
    const posted = await ask(port, "/syncs/customers/run", {
      method: "POST",
      headers: { host, origin: `http://${host}` },
    });
    expect(posted.status).toBeGreaterThanOrEqual(400);
    expect(runner.asked).toEqual([]);
  });

  it("names of this machine are answered", async () => {
    const { port } = await serve();
    for (const host of ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.8.8.8:1", "[::1]:3000"])
      expect({ host, status: (await ask(port, "/", { headers: { host } })).status }).toEqual({ host, status: 200 });
  });

  it("an absolute address in the request line does not stand in for the Host header", async () => {
    const { port } = await serve();
    const answer = await ask(port, `http://localhost:${port}/`, { headers: { host: "evil.example" } });
    expect(answer.status).toBe(421);
  });

  it.each(["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-host"])(
    "a request with %s came through a proxy",
    async (name) => {
      const { port } = await serve();
      expect((await ask(port, "/", { headers: { [name]: "203.0.113.9" } })).status).toBe(403);
    },
  );
});

describe("attack: guessing the token", () => {
  it("an address gets ten tries in ten minutes, then not even the right token helps", async () => {
    let now = Date.now();
    const { port } = await serve(undefined, WITH_TOKEN, { now: () => now });
    const visitor = createVisitor(port);
    for (let index = 0; index < pageLimits.maxFailuresOfAddress; index += 1)
      expect((await visitor.signIn(`wrong-${index}`)).status).toBe(403);
    const refused = await visitor.signIn();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    const bearer = await ask(port, "/", { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(bearer.status).toBe(429);
    now += pageLimits.signInWindowMs;
    expect((await visitor.signIn()).status).toBe(303);
  });

  it("bearer and basic tries count like those at the form", async () => {
    const { port } = await serve(undefined, { ...WITH_TOKEN, basic: BASIC });
    for (let index = 0; index < pageLimits.maxFailuresOfAddress; index += 1)
      await ask(port, "/", {
        headers: index % 2 === 0 ? { authorization: `Bearer no-${index}` } : basic("ops", `no-${index}`),
      });
    expect((await createVisitor(port).signIn()).status).toBe(429);
  });

  it("a session that is there is not shut out by somebody else's tries", async () => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    await visitor.signIn();
    for (let index = 0; index <= pageLimits.maxFailuresOfAddress; index += 1)
      await ask(port, "/", { headers: { authorization: `Bearer no-${index}` } });
    expect((await visitor.get("/")).status).toBe(200);
  });

  it("X-Forwarded-For is not believed without a proxy, and only its last entry with one", async () => {
    const failTen = async (port: number, forwarded: (index: number) => string) => {
      for (let index = 0; index < pageLimits.maxFailuresOfAddress; index += 1)
        await ask(port, "/", { headers: { authorization: `Bearer no-${index}`, "x-forwarded-for": forwarded(index) } });
      const authorization = `Bearer ${TOKEN}`;
      return (await ask(port, "/", { headers: { authorization, "x-forwarded-for": forwarded(99) } })).status;
    };
    const direct = await serve(undefined, WITH_TOKEN);
    expect(await failTen(direct.port, (index) => `198.51.100.${index}`)).toBe(429);
    await direct[Symbol.asyncDispose]();
    const behind = await serve(undefined, { ...WITH_TOKEN, isLoopbackOnly: false, trustedProxies: 1 });
    expect(await failTen(behind.port, (index) => `198.51.100.${index}, 203.0.113.5`)).toBe(429);
    const other = await ask(behind.port, "/", {
      headers: { authorization: `Bearer ${TOKEN}`, "x-forwarded-for": "203.0.113.5, 203.0.113.6" },
    });
    expect(other.status).toBe(200);
  });
});

describe("attack: open redirect after signing in", () => {
  it.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/..//evil.example",
    "/syncs/..//evil.example",
    "javascript:alert(1)",
    "/%0d%0aSet-Cookie:owned=1",
    "/\r\nSet-Cookie: owned=1",
    "/ /evil",
    "/logout",
    "/login",
    `/syncs/${"x".repeat(3000)}`,
  ])("%j leads to the start", async (to) => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    await visitor.get(`/login?${new URLSearchParams({ to }).toString()}`);
    const answer = await visitor.post("/login", { token: TOKEN, to });
    expect({ status: answer.status, to: answer.headers.location }).toEqual({ status: 303, to: "/" });
    expect(answer.headers["set-cookie"]?.join()).not.toContain("owned");
  });

  it("a page of ours is where one lands", async () => {
    const { port } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    const { headers } = await visitor.get("/syncs/customers?key=a%26b");
    expect(headers.location).toBe("/login?to=%2Fsyncs%2Fcustomers%3Fkey%3Da%2526b");
    const { text } = await visitor.get(headers.location ?? "");
    const to = /name="to" value="([^"]+)"/.exec(text)?.[1] ?? "";
    expect((await visitor.post("/login", { token: TOKEN, to })).headers.location).toBe("/syncs/customers?key=a%26b");
  });
});

describe("attack: path traversal", () => {
  it.each([
    "/assets/../../package.json",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/assets/..%5c..%5cpackage.json",
    "/assets/....//package.json",
    "/assets/page.css%00.html",
    "/assets//etc/passwd",
    "/syncs/..%2f..%2fetc%2fpasswd",
    "/syncs/customers/runs/..%2f..%2f..%2fetc%2fpasswd",
    "/syncs/customers/runs/%2e%2e%2f/receipt.json",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/syncs/__proto__",
    "/syncs/%E0%A4%A",
    "/syncs/%00",
  ])("%s is not found", async (path) => {
    const { port } = await serve();
    const answer = await ask(port, path);
    expect({ path, isClientError: answer.status >= 400 && answer.status < 500 }).toEqual({ path, isClientError: true });
    expect(answer.text).not.toMatch(/"name": "@acme\/runner"|root:/);
  });
});

describe("attack: header injection", () => {
  it("CR and LF in names, keys and run ids never reach a header", async () => {
    const { port } = await serve(hostile);
    const name = encodeURIComponent(BIDI.toWellFormed());
    const visitor = createVisitor(port);
    const page = await visitor.get(`/syncs/${name}?key=${encodeURIComponent("a\r\nSet-Cookie: owned=1")}`);
    expect(page.status).toBe(200);
    const acted = await visitor.post(`/syncs/${name}/run`);
    expect(acted.status).toBe(303);
    expect(acted.headers.location).toBe(`/syncs/${name}?said=run-queued`);
    const runId = served?.runner.view.runs(BIDI, 1);
    const [receipt] = (await runId) ?? [];
    const download = await visitor.get(`/syncs/${name}/runs/${receipt?.runId ?? ""}/receipt.json`);
    expect(download.status).toBe(200);
    expect(download.headers["content-disposition"]).toMatch(/^attachment; filename="receipt-[\w.-]+\.json"$/);
    for (const answer of [page, acted, download])
      expect(answer.headers["set-cookie"]?.join() ?? "").not.toContain("owned");
  });

  it("a torn request line or header is refused by the server", async () => {
    const { port } = await serve();
    const answer = await raw(port, "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\n\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("attack: oversized", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };

  it("a body above the limit is refused, whether its length was announced or not", async () => {
    const { port, runner } = await serve();
    const visitor = createVisitor(port);
    await visitor.get("/syncs/customers");
    const announced = await visitor.post("/syncs/customers/run", { more: "x".repeat(pageLimits.maxBodyBytes) });
    expect(announced.status).toBe(413);
    const body = `csrf=${"y".repeat(pageLimits.maxBodyBytes + 1)}`;
    const chunked = await raw(
      port,
      `POST /syncs/customers/run HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: http://localhost:${port}\r\nContent-Type: ${form["content-type"]}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    expect(runner.asked).toEqual([]);
  });

  it("headers above the limit are refused", async () => {
    const { port } = await serve();
    const answer = await ask(port, "/", { headers: { "x-large": "x".repeat(pageLimits.server.maxHeaderBytes) } });
    expect(answer.status).toBe(431);
  });

  it("a key above the limit is not looked for, and does not make the page larger", async () => {
    const { port } = await serve();
    const { length } = (await ask(port, "/syncs/customers")).text;
    const answer = await ask(port, `/syncs/customers?key=${"k".repeat(8000)}`);
    expect(answer.text).toContain("No key is that long.");
    expect(answer.text.length).toBeLessThan(length + 11_000);
  });

  it("values of 20,000 characters are cut in the page", async () => {
    const { port } = await serve(hostile);
    const { text } = await ask(port, "/syncs/customers");
    expect(text).toContain("… (20,000 characters)");
    expect(text).not.toContain("x".repeat(1000));
  });

  it("a body of another kind than a form is refused", async () => {
    const { port, runner } = await serve();
    const visitor = createVisitor(port);
    await visitor.get("/syncs/customers");
    for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/json", ""])
      expect((await visitor.post("/syncs/customers/run", {}, { "content-type": type })).status).toBe(415);
    expect(runner.asked).toEqual([]);
  });
});

describe("attack: slow clients", () => {
  it("a request whose headers never end is ended by the server's limit", async () => {
    const { port } = await serve(undefined, LOCAL, { serverLimits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    expect(await raw(port, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("a form whose body never ends is ended too, and nothing was done", async () => {
    const { port, runner } = await serve(undefined, LOCAL, {
      serverLimits: { headersTimeoutMs: 200, requestTimeoutMs: 400 },
    });
    const visitor = createVisitor(port);
    await visitor.get("/syncs/customers");
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await raw(
      port,
      `POST /syncs/customers/run HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nCookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ncsrf=`,
    );
    expect(answer).not.toContain(" 303 ");
    expect(runner.asked).toEqual([]);
    expect((await ask(port, "/")).status).toBe(200);
  });

  it("a client that neither reads nor writes is ended by the server's limit, which a heartbeat stays below", async () => {
    const { port, runner } = await serve(undefined, LOCAL, { serverLimits: { timeoutMs: 300 } });
    const socket = live(port);
    socket.pause();
    await until(() => runner.watchers() === 1);
    await until(() => runner.watchers() === 0);
    socket.destroy();
    expect(pageLimits.heartbeatMs).toBeLessThan(pageLimits.server.timeoutMs / 2);
  });

  it("live connections are bounded, do not pile up changes, and are forgotten when they are gone", async () => {
    const { port, runner } = await serve();
    const open = Array.from({ length: pageLimits.maxLiveStreams }, () => live(port));
    await until(() => runner.watchers() === pageLimits.maxLiveStreams);
    const refused = await ask(port, "/live");
    expect({ status: refused.status, after: refused.headers["retry-after"] }).toEqual({ status: 503, after: "30" });
    // Nobody reads these; a thousand changes are one.
    for (let index = 0; index < 1000; index += 1) runner.change("deals", { landedRows: index });
    for (const socket of open) socket.destroy();
    await until(() => runner.watchers() === 0);
    const again = live(port);
    await until(() => runner.watchers() === 1);
    again.destroy();
    await until(() => runner.watchers() === 0);
  });

  it("a live connection tells nothing, and ends with its session", async () => {
    const { port, runner } = await serve(undefined, WITH_TOKEN);
    const visitor = createVisitor(port);
    await visitor.signIn();
    const id = visitor.cookies.get("runner_session") ?? "";
    let heard = "";
    const socket = live(port, `Cookie: runner_session=${id}\r\n`);
    socket.on("data", (part: Buffer) => (heard += part.toString()));
    await until(() => heard.includes("event: hello"));
    runner.change("deals", { warnings: ["something new"] });
    await until(() => heard.includes("event: change"));
    expect(heard).toMatch(/^HTTP\/1\.1 200 /);
    expect(heard).toMatch(/cache-control: no-store/i);
    expect(heard).not.toMatch(/deals|something/);
    await visitor.get("/");
    await visitor.post("/logout");
    runner.change("deals", { warnings: [] });
    await until(() => runner.watchers() === 0);
    socket.destroy();
  });
});

describe("attack: script through names, keys, reasons and words", () => {
  it.each([
    "/",
    "/quota",
    "/syncs/customers",
    `/syncs/${encodeURIComponent(SCRIPT)}`,
    `/syncs/customers?key=${encodeURIComponent(SCRIPT)}`,
    `/syncs/customers?key=${encodeURIComponent(BREAKOUT)}`,
    `/?q=${encodeURIComponent(BREAKOUT)}`,
    `/?show=${encodeURIComponent(SCRIPT)}&sort=${encodeURIComponent(SCRIPT)}&page=${encodeURIComponent(SCRIPT)}`,
    `/syncs/customers?said=${encodeURIComponent(SCRIPT)}`,
    "/syncs/customers/runs/20261128T092652000Z-8",
  ])("%s: every tag and attribute is the page's own", async (path) => {
    const { port } = await serve(hostile);
    const { status, text } = await ask(port, path, { headers: { accept: "text/html" } });
    expect(status).toBe(200);
    expect(text.match(/<script[^>]*>/g)).toEqual([
      expect.stringMatching(/^<script src="\/assets\/page\.js\?v=[0-9a-f]{12}" defer>$/),
    ]);
    const addresses = [...text.matchAll(/\s(?:href|action|src)="([^"]*)"/g)].map(([, address = ""]) => address);
    expect(addresses.filter((address) => !/^[/#]|^$/.test(address))).toEqual([]);
    // What stands between quotes cannot get out: no quote in it is one.
    expect(text.replaceAll(/="[^"]*"/g, "")).not.toMatch(/<img|<[^>]*["']|<[^>]*\s(on\w+|style)\b/i);
  });

  it("nothing that reverses, hides or breaks text reaches the page", async () => {
    const { port } = await serve(hostile);
    for (const path of ["/", "/syncs/customers", `/syncs/${encodeURIComponent(BIDI)}`]) {
      const { text } = await ask(port, path);
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    expect((await ask(port, "/syncs/customers")).text).toContain(
      String.raw`invoice\u{202e}gnp.exe\u{2066}\u{200b}zero\u{0}nul\u{d}\nSet-Cookie`,
    );
  });

  it("a message in the address is one of ours or none", async () => {
    const { port } = await serve();
    expect((await ask(port, "/syncs/customers?said=paused")).text).toContain("Paused: its schedule fires no more.");
    for (const said of ["Your+account+is+locked", "toString", "__proto__"])
      expect((await ask(port, `/syncs/customers?said=${said}`)).text).not.toContain('class="flash"');
  });
});

describe("every answer", () => {
  it("carries the strict headers", async () => {
    const { port } = await serve();
    for (const path of [...PATHS.filter((each) => each !== "/live"), "/assets/page.js", "/assets/none"]) {
      const { headers } = await ask(port, path);
      expect({ path, ...headers }).toMatchObject({
        "content-security-policy":
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": path === "/assets/page.js" ? "public, max-age=31536000, immutable" : "no-store",
      });
      expect(headers["x-powered-by"]).toBeUndefined();
    }
  });

  it("refuses other methods with what is allowed", async () => {
    const { port } = await serve();
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]) {
      const answer = await ask(port, "/", { method });
      expect({ method, status: answer.status, allow: answer.headers.allow }).toEqual({
        method,
        status: 405,
        allow: "GET, HEAD, POST",
      });
    }
    const visitor = createVisitor(port);
    await visitor.get("/syncs/customers");
    const posted = await visitor.post("/quota");
    expect({ status: posted.status, allow: posted.headers.allow }).toEqual({ status: 405, allow: "GET, HEAD" });
    const got = await visitor.get("/syncs/customers/run");
    expect({ status: got.status, allow: got.headers.allow }).toEqual({ status: 405, allow: "POST" });
    expect((await ask(port, "/", { method: "HEAD" })).text).toBe("");
  });

  it("says no more than that something went wrong when something does, and tells the log", async () => {
    const { port, errors } = await serve(undefined, LOCAL, {
      view: { ...(await servedView()), syncs: () => Promise.reject(new Error("postgres://user:secret@db down")) },
    });
    const answer = await ask(port, "/");
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/secret|postgres/);
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(String(errors[0])).toContain("down");
    errors.length = 0;
  });
});

async function servedView() {
  const other = await servePage();
  await other[Symbol.asyncDispose]();
  return other.runner.view;
}

/** Writes bytes to a socket and reads what comes until it is closed. */
async function raw(port: number, bytes: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.on("data", (part) => (text += part.toString()));
    socket.on("close", () => resolve(text));
    socket.on("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNRESET" ? resolve(text) : reject(error)));
  });
}

function live(port: number, headers = "") {
  const socket = connect(port, "127.0.0.1", () =>
    socket.write(`GET /live HTTP/1.1\r\nHost: localhost:${port}\r\n${headers}\r\n`),
  );
  socket.on("error", () => undefined);
  return socket;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}
