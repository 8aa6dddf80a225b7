import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { QuotaStop } from "../contracts/destination.ts";
import { AuthError, BugError, ConfigError, TransientError } from "../contracts/errors.ts";
import type { StateStore } from "../contracts/state.ts";
import type { OpenStateOptions, StateBackend } from "../contracts/state-backend.ts";
import { createArrayConnector } from "./__fixtures__/array-connector.ts";
import { createFakeDestination } from "./__fixtures__/fake-destination.ts";
import { createFakeIo, type FakeIo, type FakeIoOptions } from "./__fixtures__/fake-io.ts";
import { toCheckReport, toPlanReport, toReceipt, toRetryReport, toVerifyReport } from "./__fixtures__/reports.ts";
import type { PersonizeDestination } from "../personize/create-personize-destination.ts";
import { createCli } from "./create-cli.ts";
import { type EngineEntries, engineEntries } from "./engine-entries.ts";

const SECRET_KEY = "sk_live_abcdefgh12345678";
const PASSWORD = "correct-horse-9";
const env = { PERSONIZE_SECRET_KEY: SECRET_KEY, ARRAY_PASSWORD: PASSWORD };

const config = `syncs:
  customers:
    connector: array
    source: { password: \${ARRAY_PASSWORD}, table: customers }
    mapping:
      entityType: contact
      email: email
      properties:
        first_name: { sourceField: name, collectionName: Contacts }
  orders:
    connector: array
    source: { password: \${ARRAY_PASSWORD}, table: orders }
    mapping:
      entityType: contact
      email: email
      properties:
        first_name: { sourceField: name, collectionName: Contacts }
`;

let cwd: string;
let closed = 0;
beforeEach(async () => {
  closed = 0;
  cwd = await mkdtemp(join(tmpdir(), "sync-cli-"));
  await writeFile(join(cwd, "sync.config.yaml"), config);
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

interface Ran extends FakeIo {
  readonly exitCode: number;
}

interface RunOptions extends Partial<FakeIoOptions> {
  readonly entries?: Partial<EngineEntries>;
  readonly stateBackends?: readonly StateBackend[];
  readonly during?: (fake: FakeIo) => void;
}

const entries: EngineEntries = {
  ...engineEntries,
  sdkVersion: () => "0.18.0",
  runSync: async (job) => toReceipt({ sync: job.name }),
  retrySync: async (job) => toRetryReport({ sync: job.name }),
  planSync: async (job) => toPlanReport({ sync: job.name }),
  checkSync: async () => toCheckReport(),
  verifySync: async (job) => toVerifyReport({ sync: job.name }),
};

async function run(args: string, options: RunOptions = {}): Promise<Ran> {
  const connector = createArrayConnector(() => {
    closed += 1;
  });
  const cli = createCli({
    program: { name: "connector-array", packageName: connector.packageName, version: connector.version },
    connectors: [connector],
    entries: { ...entries, ...options.entries },
    stateBackends: options.stateBackends ?? [],
  });
  const fake = createFakeIo({ cwd, env, ...options });
  const running = cli.run(
    args.split(" ").filter((arg) => arg !== ""),
    fake.io,
  );
  options.during?.(fake);
  const exitCode = await running;
  // Whatever happened: no secret was shown, and nothing listens any more.
  for (const secret of [SECRET_KEY, PASSWORD]) expect(fake.out() + fake.err()).not.toContain(secret);
  expect(fake.listeners()).toBe(0);
  return { ...fake, exitCode };
}

const document = z.looseObject({
  command: z.string().nullable(),
  syncs: z.array(z.looseObject({ sync: z.string(), connector: z.string() })),
  exitCode: z.number(),
  error: z.strictObject({ kind: z.string(), message: z.string(), hint: z.string().nullable() }).optional(),
});

async function runJson(args: string, options: RunOptions = {}) {
  const ran = await run(`${args} --json`, options);
  expect(ran.err()).toBe("");
  const parsed = document.parse(JSON.parse(ran.out()));
  expect(parsed.exitCode).toBe(ran.exitCode);
  return { ...ran, document: parsed };
}

describe("bad input", () => {
  it.each<readonly [string, string, RunOptions, string, string]>([
    ["no command", "", {}, "no command was given", "--help"],
    ["only options", "--only customers sync", {}, "no command was given", "Write the command before --only"],
    ["an unknown command", "snyc", {}, "unknown command 'snyc'", "Did you mean sync?"],
    ["an unknown option", "sync --ful", {}, "unknown option '--ful'", "Did you mean --full?"],
    ["a name without --only", "sync customers", {}, "too many arguments", "--only NAME"],
    ["a number that is none", "sync --limit many", {}, "argument 'many' is invalid", "--help"],
    ["zero", "verify --sample 0", {}, "1 or more", "--help"],
    ["state alone", "state", {}, "show, export, import, forget or reset", "--help"],
    ["an option without its value", "sync --config --full", {}, "Expected the name of a file", "--help"],
    ["a missing file", "sync --config nope.yaml", {}, "there is no file nope.yaml", "--config"],
    ["an unset variable", "sync", { env: { PERSONIZE_SECRET_KEY: SECRET_KEY } }, "ARRAY_PASSWORD is not set", ".env"],
    ["no key", "plan", { env: { ARRAY_PASSWORD: PASSWORD } }, "PERSONIZE_SECRET_KEY is not set", "personize.secretKey"],
    ["an export to nowhere", "state export", {}, "none is named", "--output FILE"],
    ["an export of nothing", "state export --output out.jsonl", {}, "there is no state", "Run a sync first"],
    ["an import of nothing", "state import out.jsonl", {}, "out.jsonl cannot be read", "Correct the path"],
    ["an import of something else", "state import sync.config.yaml", {}, "is not an exported state", "state export"],
    ["a key that may mean several rows", "state forget 7", {}, "the same key may mean different rows", "--only NAME"],
    ["an unknown sync", "status --only custmers", {}, 'Did you mean "customers"?', "--only"],
    ["nobody to ask", "state reset", {}, "nobody to ask", "--yes"],
    ["no content", "memorize --entity-type contact --email a@b.c", {}, "there is no content", "--content"],
    ["no entity type", "memorize --content x --email a@b.c", {}, "--entity-type is missing", "contact"],
    ["no identity", "memorize --content x --entity-type contact", {}, "whose memory", "--email"],
    ["half a key", "memorize --content x --entity-type c --custom-key 1", {}, "belong together", "both"],
    ["empty content", "memorize --content-file - --entity-type c --email a@b.c", { input: " \n" }, "is empty", ""],
    [
      "no such content",
      "memorize --content-file no.txt --entity-type c --email a@b.c",
      {},
      "no.txt cannot be read",
      "",
    ],
  ])("%s: exit code 2, one message, one document", async (_, args, options, message, hint) => {
    const text = await run(args, options);
    expect(text.exitCode).toBe(2);
    expect(text.out()).toBe("");
    expect(text.err()).toContain(message);
    expect(text.err()).toContain(hint);
    expect(text.err().match(/^error: /gm)).toHaveLength(1);
    expect(text.err()).not.toMatch(/^\s+at /m);

    const json = await runJson(args, options);
    expect(json.exitCode).toBe(2);
    expect(json.document.error?.kind).toBe("config");
    expect(json.document.error?.message).toContain(message);
    expect(json.document.syncs).toEqual([]);
  });

  it.each([
    ["malformed YAML", "syncs:\n  a: b: c\n", 'line 2: column 6 (at "a")'],
    ["a wrong key name", config.replace("mapping:", "maping:"), 'unknown option. Did you mean "mapping"?'],
    ["no syncs of this connector", "syncs:\n  a: { connector: hubspot, source: {} }\n", 'configured are "hubspot"'],
    ["no syncs", "syncs:\n", "syncs: expected a group of options"],
  ])("%s", async (_, text, message) => {
    await writeFile(join(cwd, "sync.config.yaml"), text);
    const json = await runJson("check");
    expect(json.exitCode).toBe(2);
    expect(json.document.error?.message).toContain(message);
  });
});

describe("help and versions", () => {
  it.each(["--help", "sync --help", "state --help", "state reset --help", "verify --help", "memorize --help"])(
    "%s shows an example and the options of every command",
    async (args) => {
      const { out, exitCode } = await run(args);
      expect(exitCode).toBe(0);
      expect(out()).toMatch(/Example:\n {2}\$ connector-array/);
      for (const option of ["--config", "--only", "--json", "--quiet", "--debug"]) expect(out()).toContain(option);
    },
  );

  it("names program, engine and SDK", async () => {
    const { out } = await run("--version");
    expect(out()).toMatch(/^@acme\/connector-array 1\.2\.3\n@acme\/sync-core .+\n@personize\/sdk 0\.18\.0\n$/);
    const json = await runJson("--version");
    expect(json.document["versions"]).toMatchObject({ "@acme/connector-array": "1.2.3", "@personize/sdk": "0.18.0" });
    expect((await runJson("--help")).document).toMatchObject({ command: "help", exitCode: 0 });
  });
});

describe("sync", () => {
  it("runs every sync one after the other and says what happened", async () => {
    const order: string[] = [];
    const ran = await run("sync", {
      entries: {
        runSync: async (job, engine, options) => {
          order.push(job.name);
          expect(options).toMatchObject({ limit: null, full: false });
          expect(engine.settings).toMatchObject({ maxConcurrentRequests: 4, landingTimeoutMs: 1_800_000 });
          expect(engine.versions.sdk).toBe("0.18.0");
          return toReceipt({ sync: job.name });
        },
      },
    });
    expect(ran.exitCode).toBe(0);
    expect(order).toEqual(["customers", "orders"]);
    expect(closed).toBe(2);
    expect(ran.err()).toBe("");
    expect(ran.out()).toContain("customers  done    1,234      1,220     9       8       2     21  3 min 20 s");
    expect(ran.out()).toContain("Proved complete: everything up to 2026-11-22T01:59:00Z, by updated_at.");
    expect(ran.out()).not.toContain("\u001B");
  });

  it("passes its options on", async () => {
    const { document: shown } = await runJson("sync --limit 5 --full --only orders", {
      entries: {
        runSync: async (job, _, options) => {
          expect(options).toMatchObject({ limit: 5, full: true });
          return toReceipt({ sync: job.name });
        },
      },
    });
    expect(shown).toMatchObject({ command: "sync", dryRun: false, syncs: [{ sync: "orders", connector: "array" }] });
    expect(shown.syncs[0]?.["receipt"]).toMatchObject({ outcome: "done" });
  });

  it.each([
    [new ConfigError("the stream is gone", { hint: "Look." }), 2, "config"],
    [new AuthError("no permission"), 3, "auth"],
    [new TransientError("another run is at work"), 6, "transient"],
    [new QuotaStop("the month is used up"), 5, "quota"],
    [new BugError("cannot be"), 1, "bug"],
    [new TypeError(`x is not a function of ${PASSWORD}`), 1, "unexpected"],
  ])("goes on after %s", async (error, exitCode, kind) => {
    const failing: Partial<EngineEntries> = {
      runSync: async (job) => {
        if (job.name === "customers") throw error;
        return toReceipt({ sync: job.name, outcome: "done-with-parked", exitCode: 4 });
      },
    };
    const json = await runJson("sync", { entries: failing });
    expect(json.exitCode).toBe(exitCode);
    expect(json.document.syncs).toMatchObject([
      { sync: "customers", error: { kind } },
      { sync: "orders", receipt: { exitCode: 4 } },
    ]);
    const text = await run("sync", { entries: failing });
    expect(text.err()).toMatch(/^error: customers: /);
    if (exitCode === 1) expect(text.err()).toContain("--debug");
    expect(text.err()).not.toMatch(/^\s+at /m);
    expect(text.out()).toContain("orders");
    const debug = await run("sync --debug", { entries: failing });
    expect(debug.err()).toMatch(/^\s+at /m);
  });

  it("shows the error of a run that failed on its way, on stderr, once", async () => {
    const gaveUp = { outcome: "gave-up", exitCode: 6, message: "Personize answered 503 for 15 minutes" } as const;
    const ran = await run("sync --only orders", {
      entries: { runSync: async (job) => toReceipt({ sync: job.name, ...gaveUp }) },
    });
    expect(ran.exitCode).toBe(6);
    expect(ran.err()).toBe(
      "error: orders: Personize answered 503 for 15 minutes\n  → Nothing is lost: run the command again, it goes on where this run stopped.\n",
    );
    expect(ran.out()).not.toContain("503");
  });

  it("passes on whether and how much may be deleted, and says what was", async () => {
    const seen: unknown[] = [];
    const runSync: EngineEntries["runSync"] = async ({ name, deletes }, _, { allowDeletes }) => {
      seen.push([name, deletes?.maxShare, allowDeletes]);
      const receipt = toReceipt({ sync: name });
      return { ...receipt, rows: { ...receipt.rows, deleted: 2 } };
    };
    await writeFile(
      join(cwd, "sync.config.yaml"),
      config
        .replace("    connector: array", "    connector: array\n    deletes: delete")
        .replace("  orders:\n", "  orders:\n    deletes: delete\n    maxDeleteShare: 0.5\n"),
    );
    const ran = await run("sync --allow-deletes 100", { entries: { runSync } });
    await run("sync --only orders", { entries: { runSync } });
    expect(seen).toEqual([
      ["customers", 0.05, 100],
      ["orders", 0.5, 100],
      ["orders", 0.5, undefined],
    ]);
    expect(ran.out()).toContain("2 records were deleted, since their rows are gone at the source");
    const planSync: EngineEntries["planSync"] = async ({ name }) =>
      toPlanReport({ sync: name, deletes: name === "orders" ? 7 : null });
    const plan = await run("plan", { entries: { planSync } });
    expect(plan.out()).toMatch(/adds +changes +deletes +unchanged/);
    expect(plan.out()).toMatch(/orders +7 +2 +7 +1,220/);
    expect(plan.out()).toContain("7 rows that landed are gone");
    expect((await run("sync --allow-deletes 0")).exitCode).toBe(2);
  });

  it("with --quiet says nothing when there is nothing to look at", async () => {
    const good = await run("sync --quiet");
    expect(good.out() + good.err()).toBe("");
    const parked = await run("sync --quiet", {
      entries: { runSync: async (job) => toReceipt({ sync: job.name, exitCode: 4, outcome: "done-with-parked" }) },
    });
    expect(parked.exitCode).toBe(4);
    expect(parked.out()).toContain("done, with parked rows");
  });

  it("--dry-run is a plan with five rows shown; a plan shows none", async () => {
    const samples = [
      { key: "1\u001B", kind: "add", properties: { name: "Ada", bio: "x".repeat(300), n: null } },
    ] as const;
    const planSync: EngineEntries["planSync"] = async (job, _, options) =>
      toPlanReport({ sync: job.name, samples: options.samples === 5 ? samples : [] });
    const dry = await run("sync --dry-run --only orders", { entries: { planSync } });
    expect(dry.out()).toContain("add 1\\u{1b}\n");
    expect(dry.out()).toContain("name: Ada");
    expect(dry.out()).toContain(`bio: ${"x".repeat(99)}…`);
    expect(dry.out()).toContain("Nothing was sent.");
    expect((await run("plan --only orders", { entries: { planSync } })).out()).not.toContain("Ada");
    const json = await runJson("sync --dry-run --only orders", { entries: { planSync } });
    expect(json.document).toMatchObject({ command: "sync", dryRun: true, syncs: [{ report: { samples } }] });
  });

  it("uses colours on a terminal only, and not with NO_COLOR", async () => {
    expect((await run("plan", { terminal: true })).out()).toContain("\u001B[");
    expect((await run("plan", { terminal: true, env: { ...env, NO_COLOR: "1" } })).out()).not.toContain("\u001B[");
  });
});

describe("signals", () => {
  const waiting: Partial<EngineEntries> = {
    runSync: (job, _, { drain }) =>
      new Promise((resolve) => {
        drain.addEventListener("abort", () =>
          resolve(toReceipt({ sync: job.name, outcome: "interrupted", exitCode: 130, message: "Interrupted" })),
        );
      }),
  };
  const raiseSoon = (signals: readonly ("SIGINT" | "SIGTERM")[]) => (fake: FakeIo) => {
    const timer = setInterval(() => {
      if (fake.listeners() === 0) return;
      // Not before the run has begun.
      clearInterval(timer);
      setTimeout(() => signals.forEach((signal) => fake.raise(signal)), 100);
    }, 5);
  };

  it("the first one lets the run finish; what has not begun does not begin", async () => {
    const ran = await run("sync", { entries: waiting, during: raiseSoon(["SIGINT"]) });
    expect(ran.exitCode).toBe(130);
    expect(ran.exits).toEqual([]);
    expect(ran.err()).toContain("SIGINT: finishing what is under way");
    expect(ran.err()).toContain("error: orders: interrupted by SIGINT");
    expect(ran.out()).toContain("interrupted");
  });

  it("with --json and SIGTERM: still one document", async () => {
    const json = await runJson("sync", { entries: waiting, during: raiseSoon(["SIGTERM"]) });
    expect(json.exitCode).toBe(143);
    expect(json.document.syncs[1]).toMatchObject({ sync: "orders", error: { kind: "interrupted" } });
  });

  it("the second one ends at once", async () => {
    const ran = await run("sync", { entries: waiting, during: raiseSoon(["SIGINT", "SIGTERM"]) });
    expect(ran.exits).toEqual([143]);
  });

  it("an interrupted plan is an interruption, whatever was thrown", async () => {
    const planSync: EngineEntries["planSync"] = (_, __, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new TransientError("the connection was closed")));
      });
    const ran = await run("plan --only orders", { entries: { planSync }, during: raiseSoon(["SIGINT"]) });
    expect(ran.exitCode).toBe(130);
    expect(ran.err()).not.toContain("the connection was closed");
  });

  it("an error that nobody caught is shown like any other, and ends the process", async () => {
    const ran = await run("sync --only orders", {
      entries: waiting,
      during: (fake) => {
        raiseSoon(["SIGINT"])(fake);
        setTimeout(() => fake.crash(new Error(`socket of ${PASSWORD} hung up`)), 50);
      },
    });
    expect(ran.exits).toEqual([1]);
    expect(ran.err()).toContain("error: unexpected: socket of *** hung up");
  });
});

describe("check", () => {
  it("shows what is fine and what to do about the rest", async () => {
    const ran = await run("check --only customers", { terminal: true, env: { ...env, NO_COLOR: "1" } });
    expect(ran.exitCode).toBe(0);
    expect(ran.out()).toContain(
      "✓ Personize accepts the key (organisation org_1). Plan Free: 60 a minute, 10,000 a month;",
    );
    expect(ran.out()).toContain("✓ The source answers: public.customers");
  });

  it("warns about a key of a strange look", async () => {
    const strange = { ...env, PERSONIZE_SECRET_KEY: "pz_0123456789" };
    const json = await runJson("check --only customers", { env: strange });
    expect(json.exitCode).toBe(0);
    expect(JSON.stringify(json.document)).toContain("does not start with sk_");
    expect(json.out()).not.toContain("pz_0123456789");
  });

  it("goes as far as it can without a key and without a mapping", async () => {
    await writeFile(join(cwd, "sync.config.yaml"), config.replace(/ {4}mapping:[\s\S]*?Contacts }\n/, ""));
    const noKey = await run("check --only orders", { env: { ARRAY_PASSWORD: PASSWORD } });
    expect(noKey.exitCode).toBe(2);
    expect(noKey.out()).toContain("✓ The source answers");
    expect(noKey.out()).toContain("! there is no index on n\n    → Create one.");
    expect(noKey.out()).toContain("✗ there is no Personize secret key");
    const noMapping = await runJson("check --only customers");
    expect(noMapping.document.syncs[0]).toMatchObject({
      report: null,
      error: {
        kind: "config",
        message: "syncs.customers.mapping is missing; nothing says yet which field becomes which property",
      },
    });
  });

  it("reports both ends when both are wrong, without the password", async () => {
    const wrong = { ...env, ARRAY_PASSWORD: "wrong-password" };
    const failing: Partial<EngineEntries> = {
      checkSync: async () => {
        throw new AuthError("Personize refuses the key");
      },
    };
    const ran = await run("check --only customers", { env: wrong, entries: failing });
    expect(ran.exitCode).toBe(3);
    expect(ran.out()).toContain("✗ the password *** is wrong\n    → Set source.password.");
    expect(ran.out()).toContain("✗ Personize refuses the key");
  });
});

describe("discover", () => {
  const createDestination = () => createFakeDestination();

  it("lists fields and collections without a mapping", async () => {
    await writeFile(join(cwd, "sync.config.yaml"), config.replace(/ {4}mapping:[\s\S]*?Contacts }\n/g, ""));
    const ran = await run("discover --only customers", { entries: { createDestination } });
    expect(ran.exitCode).toBe(0);
    expect(ran.out()).toContain("customers: customers, about 3 rows");
    expect(ran.out()).toMatch(/n +number +number +key, cursor, never null/);
    expect(ran.out()).toContain("Contacts, contact col_1");
    expect(ran.out()).toContain("First Name (also first_name)");
    expect(ran.out()).toContain("history  append-only");
  });

  it("leaves the collections out without a key, and touches no state", async () => {
    const json = await runJson("discover", { env: { ARRAY_PASSWORD: PASSWORD } });
    expect(json.exitCode).toBe(0);
    expect(json.document).toMatchObject({ collections: null, findings: [{ level: "warning" }] });
    expect(json.document.syncs[0]?.["streams"]).toMatchObject([{ key: ["n"] }]);
    await expect(stat(join(cwd, ".sync"))).rejects.toThrow("ENOENT");
  });
});

describe("verify", () => {
  it("passes its options on", async () => {
    const seen: unknown[] = [];
    const verifySync: EngineEntries["verifySync"] = async (job, _, { sample, repair }) => {
      seen.push([sample, repair]);
      return toVerifyReport({ sync: job.name });
    };
    for (const args of ["verify", "verify --sample 7", "verify --all --repair"]) {
      await run(`${args} --only orders`, { entries: { verifySync } });
    }
    expect(seen).toEqual([
      [20, false],
      [7, false],
      [null, true],
    ]);
  });

  it("asks for attention when rows differ, and lists keys, not all of them", async () => {
    const missing = Array.from({ length: 30 }, (_, index) => `key-${index}`);
    const different = [{ key: "k", properties: ["a", "b"] }];
    const report = toVerifyReport({ equal: 0, missing, different });
    const ran = await run("verify --only orders", { entries: { verifySync: async () => report } });
    expect(ran.exitCode).toBe(4);
    expect(ran.out()).toContain("k (a, b)");
    expect(ran.out()).toContain("and 10 more; --json lists all");
    expect(ran.out()).toContain("`verify --repair` sends them again");
    const repaired = { ...report, repaired: toReceipt() };
    const after = await run("verify --repair --only orders", { entries: { verifySync: async () => repaired } });
    expect(after.exitCode).toBe(0);
    expect(after.out()).toContain("Sent again:");
  });
});

describe("retry", () => {
  it("shows a receipt like sync, says what is gone, and takes over the exit code", async () => {
    const receipt = toReceipt({ outcome: "done-with-parked", exitCode: 4 });
    const retrySync: EngineEntries["retrySync"] = async (job) =>
      job.name === "orders"
        ? toRetryReport({ sync: job.name, parked: 0, gone: 0, receipt: null })
        : toRetryReport({ sync: job.name, receipt });
    const ran = await run("retry", { entries: { retrySync } });
    expect(ran.exitCode).toBe(4);
    expect(ran.out()).toMatch(/customers +done, with parked rows/);
    expect(ran.out()).toContain("customers: 1 parked row no longer exists at the source");
    expect(ran.out()).toContain("orders: nothing is parked.");
    const json = await runJson("retry", { entries: { retrySync } });
    expect(json.document.syncs).toMatchObject([
      { sync: "customers", parked: 3, gone: 1, receipt: { exitCode: 4 } },
      { sync: "orders", parked: 0, gone: 0, receipt: null },
    ]);
    const nothing = await run("retry --only orders --quiet", { entries: { retrySync } });
    expect([nothing.exitCode, nothing.out()]).toEqual([0, ""]);
  });

  it("shows what a run that failed has to say", async () => {
    const receipt = toReceipt({ outcome: "gave-up", exitCode: 6, message: "it is down", hint: "Wait." });
    const ran = await run("retry --only orders", { entries: { retrySync: async () => toRetryReport({ receipt }) } });
    expect(ran.exitCode).toBe(6);
    expect(ran.err()).toContain("it is down");
  });
});

describe("status and state", () => {
  async function remember(sync: string, paceKey: string | null = null): Promise<void> {
    const state: StateStore = await engineEntries.openState({
      file: join(cwd, ".sync/state.db"),
      now: () => Date.now(),
      readOnly: false,
    });
    const claimed = await state.claim(sync, "elsewhere, process 1", 60_000);
    await claimed?.writeDown([], [{ key: "row-7", code: "no-identity", reason: "email is empty", digest: null }]);
    await claimed?.checkpoint({ at: 5 }, { field: "n", after: null, through: "5" });
    await claimed?.saveReceipt(toReceipt({ sync }));
    if (paceKey !== null) {
      await state.addUsage(paceKey, new Date().toISOString().slice(0, 7), { attempted: 250, providerLimit: 10_000 });
    }
    await state.close();
  }

  it("need neither secrets nor a network nor a state", async () => {
    for (const args of ["status", "state show", "state forget 7 --only customers", "state reset --yes"]) {
      const { exitCode, err } = await run(args, { env: {} });
      expect([args, exitCode, err()]).toEqual([args, 0, ""]);
    }
    expect((await run("status", { env: {} })).out()).toContain("customers: never ran");
    await expect(stat(join(cwd, ".sync"))).rejects.toThrow("ENOENT");
  });

  it("status says in words where a sync stands", async () => {
    // The ledger's name for this key is the destination's own affair; it must be the one that status looks under.
    const state = await engineEntries.openState({ file: ":memory:", now: () => 0, readOnly: false });
    let paceKey = "";
    const destination = engineEntries.createDestination({
      secretKey: SECRET_KEY,
      baseUrl: "https://agent.personize.ai",
      timeoutMs: 1000,
      maxConcurrentRequests: 1,
      rateUnit: "row",
      maxRowsPerCall: null,
      chunkSize: 1,
      limitsOverride: { perMinute: null, perMonth: null },
      sourceLabel: "test",
      state: {
        ...state,
        reserve: async (key) => {
          paceKey = key;
          throw new ConfigError("only the name was wanted");
        },
      },
      runtime: { now: () => 0, sleep: async () => {}, random: () => 0 },
    });
    await expect(destination.account(new AbortController().signal)).rejects.toThrow("only the name was wanted");
    await state.close();
    await remember("customers", paceKey);

    const ran = await run("status --only customers");
    expect(ran.exitCode).toBe(0);
    expect(ran.out()).toContain("Proved complete: everything up to 5, by n.");
    expect(ran.out()).toContain('Cursor: {"at":5}');
    expect(ran.out()).toContain("Running: held by elsewhere, process 1");
    expect(ran.out()).toMatch(/2026-11-22T02:00:00Z +done +3 min 20 s +8 +Done; 8 rows landed/);
    expect(ran.out()).toContain("1 parked row\n");
    expect(ran.out()).toMatch(/row-7 .*email is empty \(no-identity\)/);
    expect(ran.out()).toContain(
      "newer versions of its records wait for 10 min (engine.lateLandingMs), and 12 records are",
    );
    expect(ran.out()).toMatch(/Quota in \d{4}-\d\d: 250 units of 10,000 \(2\.5 %\) used\./);
    const json = await runJson("status --only customers");
    expect(json.document.syncs[0]).toMatchObject({
      summary: { parkedRows: 1 },
      receipts: [{ runId: toReceipt().runId }],
    });
  });

  it("export and import move everything; the file is for this user alone", async () => {
    await remember("customers", "key");
    await remember("orders");
    const written = await runJson("state export --output out.jsonl");
    expect(written.document).toMatchObject({ command: "state export", file: join(cwd, "out.jsonl"), exitCode: 0 });
    expect((await stat(join(cwd, "out.jsonl"))).mode & 0o777).toBe(0o600);
    expect(await readdir(cwd)).toEqual([".sync", "out.jsonl", "sync.config.yaml"]);

    await writeFile(join(cwd, "moved.config.yaml"), `state: moved.db\n${config}`);
    const moved = "--config moved.config.yaml";
    expect((await run(`state import out.jsonl ${moved}`)).out()).toContain("2 syncs, 0 landed rows, 2 parked rows");
    const again = await run(`state import out.jsonl ${moved}`);
    expect([again.exitCode, again.err()]).toEqual([
      2,
      expect.stringContaining("is not empty: it knows customers, orders"),
    ]);
    expect((await run(`state export --output moved.jsonl ${moved}`)).exitCode).toBe(0);
    const bodyOf = async (file: string): Promise<string[]> =>
      (await readFile(join(cwd, file), "utf8")).split("\n").slice(1, -2);
    expect(await bodyOf("moved.jsonl")).toEqual(await bodyOf("out.jsonl"));

    const later = { now: () => Date.now() + 120_000 };
    expect((await run(`state import out.jsonl --replace ${moved}`, later)).exitCode).toBe(0);
    expect((await run(`state export --only orders --output some.jsonl ${moved}`)).exitCode).toBe(0);
    expect((await bodyOf("some.jsonl")).filter((line) => line.includes("customers"))).toEqual([]);
  });

  it("import takes no file that was cut, changed or written by a newer version, and leaves no state behind", async () => {
    await remember("customers");
    await run("state export --output out.jsonl");
    await rm(join(cwd, ".sync"), { recursive: true });
    const text = await readFile(join(cwd, "out.jsonl"), "utf8");
    const lines = text.split("\n");
    const wrong: Readonly<Record<string, string>> = {
      "cut short": lines.slice(0, -2).join("\n"),
      "is damaged": text.replace("row-7", "row-8"),
      "damaged, or was changed by hand (line 3)": [...lines.slice(0, 2), "{", ...lines.slice(2)].join("\n"),
      "written by a newer version": text.replace('"version":1', '"version":2'),
      "is not an exported state": "",
    };
    for (const [message, changed] of Object.entries(wrong)) {
      await writeFile(join(cwd, "out.jsonl"), changed);
      const ran = await run("state import out.jsonl");
      expect([ran.exitCode, ran.err()]).toEqual([2, expect.stringContaining(message)]);
    }
    await expect(stat(join(cwd, ".sync"))).rejects.toThrow("ENOENT");
  });

  it("forget erases a row, says what it leaves, and does not disturb a run", async () => {
    const later = { now: () => Date.now() + 120_000 };
    await remember("customers");
    const held = await run("state forget row-7 --only customers");
    expect([held.exitCode, held.err()]).toEqual([6, expect.stringContaining("is at work: elsewhere, process 1")]);
    const ran = await run("state forget row-7 --only customers", later);
    expect(ran.out()).toContain("customers: forgotten: why it was parked.");
    expect(ran.out()).toContain("Its record at Personize is still there");
    expect((await run("state forget row-7 --only customers", later)).out()).toContain(
      "nothing is stored about such a row",
    );
    const left = await Promise.all(
      (await readdir(join(cwd, ".sync"))).map((file) => readFile(join(cwd, ".sync", file), "latin1")),
    );
    expect(left.join("")).not.toContain("row-7");
    expect((await runJson("status --only customers", later)).document.syncs[0]).toMatchObject({ parked: [] });
  });

  it("reset asks on a terminal, and does not take the state from under a run", async () => {
    const later = { now: () => Date.now() + 120_000 };
    await remember("customers");
    const no = await run("state reset --only customers", { ...later, terminal: true, answer: "n" });
    expect([no.exitCode, no.questions.length]).toEqual([2, 1]);
    const held = await run("state reset --only customers --yes");
    expect(held.exitCode).toBe(6);
    expect(held.err()).toContain("a run is at work: elsewhere, process 1");
    const yes = await run("state reset --only customers", { ...later, terminal: true, answer: "y" });
    expect(yes.exitCode).toBe(0);
    const shown = await runJson("state show --only customers", later);
    expect(shown.document.syncs[0]?.["summary"] ?? null).toSatisfy(
      (summary: { cursor: unknown } | null) => summary === null || summary.cursor === null,
    );
  });
});

describe("a state behind a URL", () => {
  const password = "state-password-7";
  const url = `kept://user:${password}@host/db`;
  const opened: OpenStateOptions[] = [];
  const backend: StateBackend = {
    schemes: ["kept"],
    packageName: "@acme/state-kept",
    version: "0.1.0",
    locationOf: () => "kept://host/db",
    async open(options) {
      opened.push(options);
      if (options.mode !== "create") return null;
      return engineEntries.openState({ file: ":memory:", now: options.now, readOnly: false });
    },
    async openRunQueue() {
      return null;
    },
  };
  const withUrl = async (args: string): Promise<Ran> => {
    await writeFile(join(cwd, "sync.config.yaml"), `state: ${url}\n${config}`);
    opened.length = 0;
    const ran = await run(args, { stateBackends: [backend] });
    expect(ran.out() + ran.err()).not.toContain(password);
    return ran;
  };

  it("is opened by the backend that was handed in, in the way that the command needs", async () => {
    const modes: Readonly<Record<string, OpenStateOptions["mode"]>> = {
      sync: "create",
      status: "look",
      "state show": "look",
      "state reset --yes": "existing",
    };
    for (const [args, mode] of Object.entries(modes)) {
      const ran = await withUrl(args);
      expect([args, ran.exitCode, ran.err()]).toEqual([args, 0, ""]);
      expect(opened).toMatchObject([{ url, mode }]);
    }
    expect((await withUrl("state show")).out()).toContain("State: kept://host/db\n");
    expect((await withUrl("--version")).out()).toContain("@acme/state-kept 0.1.0");
  });

  it("without a backend for it: exit code 2, and no password", async () => {
    await writeFile(join(cwd, "sync.config.yaml"), `state: elsewhere://user:${password}@host/db\n${config}`);
    for (const args of ["status", "sync", "check"]) {
      const ran = await run(args);
      expect(ran.exitCode).toBe(2);
      expect(ran.err()).toContain("nothing here keeps a state at elsewhere://");
      expect(ran.out() + ran.err()).not.toContain(password);
    }
  });
});

describe("memorize", () => {
  it("sends one item, and needs no sync of this connector", async () => {
    await writeFile(join(cwd, "sync.config.yaml"), "syncs:\n  a: { connector: hubspot, source: { token: $${x} } }\n");
    const items: unknown[] = [];
    const memorize: PersonizeDestination["memorize"] = async (item) => {
      items.push(item);
      return { eventId: "evt_1", recordId: null };
    };
    const createDestination = () => createFakeDestination({ memorize });
    const args = "memorize --content-file - --entity-type contact --email a@b.c";
    const ran = await run(args, { input: "Likes tea.", entries: { createDestination } });
    expect(ran.exitCode).toBe(0);
    expect(items).toEqual([{ content: "Likes tea.", entityType: "contact", email: "a@b.c" }]);
    expect(ran.out()).toContain("event evt_1");
    const json = await runJson(args, { input: "Likes tea.", entries: { createDestination } });
    expect(json.document).toMatchObject({ command: "memorize", memorized: { eventId: "evt_1", recordId: null } });
  });
});
