import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Config, contact, contactSync, useWorlds, type World } from "../support/world.ts";
import { TOKEN } from "./served.ts";

const worlds = useWorlds();

const people = (sync: Readonly<Record<string, unknown>> = {}): unknown =>
  contactSync("people", { city: contact("city") }, { sync });
const config = (rest: Partial<Config> & { readonly sync?: Readonly<Record<string, unknown>> } = {}): Config => {
  const { sync, ...top } = rest;
  return { runner: { port: 0 }, ...top, syncs: { people: people(sync), ...top.syncs } };
};

interface Case {
  readonly name: string;
  /** A string: the whole file, as YAML. */
  readonly config: Config | string;
  readonly prepare?: (world: World) => Promise<(() => unknown) | void>;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly says: readonly RegExp[];
}

const yamlSync = (name: string) => `  ${name}:
    connector: postgres
    source: { url: "\${DATABASE_URL}", table: people, cursor: updated_at }
    mapping: { entityType: contact, email: email, properties: { city: { sourceField: city, collectionName: Contacts Standard Schema } } }
`;

const CASES: readonly Case[] = [
  {
    name: "two syncs of one name",
    config: `syncs:\n${yamlSync("people")}${yamlSync("orders")}${yamlSync("people")}`,
    says: [/people/, /line/],
  },
  {
    name: "an unknown connector",
    config: config({ syncs: { deals: people({ connector: "pipedrive" }) } }),
    says: [/syncs\.deals\.connector: unknown connector\. This program has /, /"postgres"/, /"hubspot"/],
  },
  {
    name: "a connector that is almost one",
    config: config({ sync: { connector: "postgre" } }),
    says: [/Did you mean "postgres"\?/],
  },
  {
    name: "a state that is no state",
    config: config({ state: "state.db" }),
    prepare: (world) =>
      writeFile(join(world.folder, "state.db"), "not a database, but longer than the header of one ".repeat(9)),
    says: [/state\.db is damaged, or is not a state at all/],
  },
  {
    name: "a state that is a directory",
    config: config({ state: "state" }),
    prepare: (world) => mkdir(join(world.folder, "state")).then(() => undefined),
    says: [/state is a directory/],
  },
  {
    name: "a schedule that never fires",
    config: config({ sync: { schedule: "0 0 31 2 *" } }),
    says: [/syncs\.people\.schedule: "0 0 31 2 \*" never fires/, /31st of February/],
  },
  {
    name: "a schedule that is none",
    config: config({ sync: { schedule: "at two" } }),
    says: [/syncs\.people\.schedule: "at two" is no cron expression/],
  },
  {
    name: "several schedules, all at once",
    config: config({
      sync: { schedule: "at two" },
      syncs: { orders: people({ schedule: "0 0 30 2 *" }) },
    }),
    says: [/2 schedules cannot be/, /people/, /orders/],
  },
  {
    name: "a time zone that is none",
    config: config({ sync: { schedule: "0 2 * * *", runner: { timezone: "Europe/Berlln" } } }),
    says: [/syncs\.people\.runner\.timezone/, /IANA/],
  },
  {
    name: "a port in use",
    config: config({ runner: { port: "${PORT_IN_USE}" } }),
    async prepare() {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      portInUse = typeof address === "object" && address !== null ? String(address.port) : "";
      return () => server.close();
    },
    says: [/runner\.port: port \d+ of 127\.0\.0\.1 is in use/, /free port/],
  },
  {
    name: "an address that is not this machine's",
    config: config({ runner: { port: 0, host: "203.0.113.7", token: TOKEN } }),
    says: [/runner\.host: 203\.0\.113\.7 is no address of this machine/],
  },
  {
    name: "a token that is too short",
    config: config({ runner: { port: 0, token: "hunter2" } }),
    says: [/runner: the page's token is too short/, /openssl rand/],
  },
  {
    name: "a page open to everybody",
    config: config({ runner: { port: 0, host: "0.0.0.0" } }),
    says: [/runner: the page would be open to everybody/],
  },
  {
    name: "a password that is too short",
    config: config({ runner: { port: 0, basic: { user: "ada", password: "hunter2" } } }),
    says: [/the page's password is too short/],
  },
  {
    name: "a token whose variable is not set",
    config: config({ runner: { port: 0, token: "${RUNNER_TOKEN}" } }),
    says: [/runner\.token: the environment variable RUNNER_TOKEN is not set/],
  },
  {
    name: "an option that does not exist",
    config: config({ runner: { port: 0, maxConcurentRuns: 3 } }),
    says: [/runner/, /maxConcurrentRuns/],
  },
  {
    name: "an option of a sync that does not exist",
    config: config({ sync: { runner: { freshWithin: 3 } } }),
    says: [/syncs\.people\.runner/, /freshWithinMs/],
  },
  {
    name: "no key",
    config: config(),
    env: { PERSONIZE_SECRET_KEY: undefined },
    says: [/no Personize secret key/],
  },
  {
    name: "a sync that is not there",
    config: config(),
    words: ["--only", "peopel"],
    says: [/--only peopel: there is no such sync\. Did you mean "people"\?/],
  },
];

let portInUse = "";

describe.concurrent("what is wrong is said once, before anything starts, and ends with 2", () => {
  it.each(CASES)("$name", async ({ config: given, prepare, words = [], env, says }) => {
    const world = await worlds.create();
    if (typeof given === "string") await writeFile(join(world.folder, "sync.config.yaml"), given);
    else await world.configure(given);
    const undo = await prepare?.(world);
    const { code, out, err } = await world.startRunner(["serve", ...words], { PORT_IN_USE: portInUse, ...env }).ended;
    if (typeof undo === "function") undo();
    for (const text of says) expect(err).toMatch(text);
    expect(err.match(/^error:/gm)).toHaveLength(1);
    expect(err).not.toMatch(/^\s+at /m);
    expect(out + err).not.toContain("hunter2");
    expect(out).not.toContain("Page:");
    expect(code).toBe(2);
    expect(world.api.control.requests({}).length).toBe(0);
  });

  it("`runner check` names every sync that could not run by its schedule, beside what else it finds", async () => {
    const world = await worlds.create();
    await world.database.query(
      "create table people (id int primary key, email text, city text, updated_at timestamptz not null default now())",
    );
    const good = { schedule: "0 2 * * *", runner: { timezone: "Europe/Berlin" } };
    await world.configure(
      config({
        sync: { schedule: "at two" },
        syncs: { orders: people({ schedule: "0 0 30 2 *" }), deals: people(good), notes: people() },
      }),
    );
    const { code, out } = await world.startRunner(["check", "--json"]).ended;
    expect(code).toBe(2);
    const {
      syncs,
    }: { syncs: readonly { sync: string; report: unknown; findings: { level: string; message: string }[] }[] } =
      JSON.parse(out);
    const errors = syncs.map(({ sync, findings, report }) => [
      sync,
      report !== null,
      findings.flatMap(({ level, message }) => (level === "error" ? [message] : [])),
    ]);
    expect(errors).toEqual([
      ["people", true, [expect.stringContaining('syncs.people.schedule: "at two" is no cron expression')]],
      ["orders", true, ['syncs.orders.schedule: "0 0 30 2 *" never fires']],
      ["deals", true, []],
      ["notes", true, []],
    ]);
  });

  it("`runner check` knows the options of the runner, too", async () => {
    const world = await worlds.create();
    await world.configure(config({ sync: { runner: { timezone: "Europe/Berlln" } } }));
    const { code, err } = await world.startRunner(["check"]).ended;
    expect(err).toMatch(/syncs\.people\.runner\.timezone/);
    expect(code).toBe(2);
  });

  it("the same words for `runner sync`, where the page does not matter", async () => {
    const world = await worlds.create();
    await world.configure(config({ syncs: { deals: people({ connector: "pipedrive" }) } }));
    const { code, err } = await world.startRunner(["sync"]).ended;
    expect(err).toMatch(/syncs\.deals\.connector: unknown connector/);
    expect(code).toBe(2);
  });
});
