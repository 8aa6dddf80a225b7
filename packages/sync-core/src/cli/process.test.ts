import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PersonizeApi, startPersonizeApi } from "@acme/personize-api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const BIN = fileURLToPath(new URL("./__fixtures__/bin.ts", import.meta.url));
/** Every test starts this program: Node compiles each of its files once. */
const COMPILE_CACHE = fileURLToPath(new URL("../../../../node_modules/.cache/node-compile", import.meta.url));
const PASSWORD = "correct-horse-9";
const KEY = "sk_test_demo";

let api: PersonizeApi;
let cwd: string;
beforeAll(async () => {
  api = await startPersonizeApi({
    landingDelayMs: 50,
    organizations: [{ id: "org_1", keys: [KEY], plan: { name: "roomy", perMinute: 100_000, perMonth: 1_000_000 } }],
  });
});
afterAll(() => api.close());
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sync-process-"));
  return () => rm(cwd, { recursive: true, force: true });
});

const writeConfig = (source: string): Promise<void> =>
  writeFile(
    join(cwd, "sync.config.yaml"),
    `personize: { baseUrl: "${api.url}" }
engine: { interruptGraceMs: 5000 }
syncs:
  people:
    connector: array
    source: { password: \${ARRAY_PASSWORD}, table: people, ${source} }
    mapping:
      entityType: contact
      email: email
      properties:
        first_name: { sourceField: name, collectionName: Contacts Standard Schema }
`,
  );

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

function start(args: readonly string[]): Started {
  const child = spawn(process.execPath, ["--conditions=@acme/source", BIN, ...args], {
    cwd,
    // Not the test's own environment: colours, paths and settings of the machine would come along.
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      PERSONIZE_SECRET_KEY: KEY,
      ARRAY_PASSWORD: PASSWORD,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    let out = "";
    let err = "";
    child.stdout.on("data", (data: Buffer) => {
      out += data.toString();
    });
    child.stderr.on("data", (data: Buffer) => {
      err += data.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      expect(out + err).not.toContain(PASSWORD);
      expect(out + err).not.toContain("\u001B");
      resolve({ code, out, err });
    });
  });
  return { child, ended };
}

const run = (...args: string[]): Promise<Ended> => start(args).ended;

describe("a process of its own", () => {
  it("takes rows from the first check to a verified end, and back from the start", async () => {
    await writeConfig("rows: 25");

    const check = await run("check");
    expect(check).toMatchObject({ code: 0, err: "" });
    expect(check.out).toContain("✓ The mapping fits");

    const discover = await run("discover");
    expect(discover.out).toContain("Contacts Standard Schema");

    const plan = await run("plan");
    expect(plan).toMatchObject({ code: 0, err: "" });
    expect(plan.out).toMatch(/people +25 +0 +0 +0/);

    const sync = await run("sync", "--json");
    expect(sync.code).toBe(0);
    expect(JSON.parse(sync.out).syncs[0].receipt).toMatchObject({ outcome: "done", rows: { read: 25, landed: 25 } });
    expect(api.control.records({ type: "contact" }).length).toBeGreaterThanOrEqual(25);

    const again = await run("sync", "--full");
    expect(again.out).toMatch(/people +done +25 +25 +0/);

    const verify = await run("verify", "--all");
    expect(verify).toMatchObject({ code: 0, err: "" });
    expect(verify.out).toContain("✓ 25 rows read back, all as sent.");

    const status = await run("status");
    expect(status.out).toContain("25 rows landed");
    expect(status.out).toMatch(/Quota in \d{4}-\d\d: \d+ units/);

    const reset = await run("state", "reset", "--yes");
    expect(reset).toMatchObject({ code: 0, err: "" });
    expect((await run("state", "show")).code).toBe(0);
  });

  it("memorizes one item", async () => {
    await writeConfig("rows: 0");
    const args = ["memorize", "--content", "Likes tea.", "--entity-type", "contact", "--email", "ada@example.com"];
    expect(await run(...args)).toMatchObject({ code: 0, err: "" });
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s: finishes what is under way, exit code %i, and the next run goes on", async (signal, code) => {
    await writeConfig("rows: 100000, slowMs: 20");
    const running = start(["sync", "--json"]);
    const before = api.control.counts().rowsLanded;
    while (api.control.counts().rowsLanded < before + 20) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill(signal);
    const ended = await running.ended;
    expect(ended.code).toBe(code);
    const { receipt } = JSON.parse(ended.out).syncs[0];
    expect(receipt).toMatchObject({ outcome: "interrupted", exitCode: code });
    expect(receipt.cursorAfter).toBeGreaterThanOrEqual(20);

    await writeConfig(`rows: ${receipt.cursorAfter + 5}`);
    const next = JSON.parse((await run("sync", "--json")).out);
    expect(next.syncs[0].receipt).toMatchObject({
      outcome: "done",
      cursorBefore: receipt.cursorAfter,
      rows: { read: 5 },
    });
  });

  it("a second signal ends it at once", async () => {
    // Nothing lands any more while the delay is this long: the first signal alone would wait for its grace.
    api.control.setKnobs({ landingDelayMs: 60_000 });
    try {
      await writeConfig("rows: 50");
      const running = start(["sync"]);
      const before = api.control.counts().rowsReceived;
      while (api.control.counts().rowsReceived < before + 10) await new Promise((resolve) => setTimeout(resolve, 20));
      running.child.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 300));
      const askedAt = Date.now();
      running.child.kill("SIGINT");
      const ended = await running.ended;
      expect(ended.code).toBe(130);
      expect(Date.now() - askedAt).toBeLessThan(2000);
      expect(ended.err).toContain("SIGINT: finishing what is under way");
    } finally {
      api.control.setKnobs({ landingDelayMs: 50 });
    }
  });

  it("exit codes and streams of failures", async () => {
    expect(await run("status")).toMatchObject({ code: 2, out: "" });
    await writeConfig("rows: 1, tabel: x");
    const misspelt = await run("check");
    expect(misspelt).toMatchObject({ code: 2, out: "" });
    expect(misspelt.err).toContain('Did you mean "table"?');
    expect(await run("--version")).toMatchObject({ code: 0, err: "" });
  });

  it("does not mind a reader that goes away", async () => {
    await writeConfig("rows: 1");
    const { child, ended } = start(["--help"]);
    child.stdout?.destroy();
    expect((await ended).err).toBe("");
  });
});
