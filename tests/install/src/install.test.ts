import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PersonizeApi, startPersonizeApi } from "@acme/personize-api";
import { root } from "@acme/tests/repository";
import { note } from "@acme/tests/support/note";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack, packSdk, publicPackages, readManifest } from "./pack.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { PNPM, runProgram, runWell } from "./run-program.ts";
import { licenceProblems } from "./licence-problems.ts";
import { connectors, type Installed, type Sample } from "./samples.ts";
import { type CameAlong, whatCameAlong } from "./what-came-along.ts";

const KEY = "sk_test_1nstalled";
let registry: Registry;
let personize: PersonizeApi;
let tarballs = "";

beforeAll(async () => {
  tarballs = await mkdtemp(join(tmpdir(), "sync-tarballs-"));
  registry = await startRegistry();
  await registry.publish(await packSdk(tarballs));
  const packages = await publicPackages();
  const packed = await Promise.all(packages.map(({ folder }) => pack(join(root, folder), tarballs)));
  await Promise.all(packed.map((tarball) => registry.publish(tarball)));
  personize = await startPersonizeApi({
    organizations: [
      { id: "org_install", keys: [KEY], plan: { perMinute: 100_000, perMonth: 10_000_000, maxConcurrent: 50 } },
    ],
  });
});
afterAll(async () => {
  await registry.close();
  await personize.close();
  await rm(tarballs, { recursive: true, force: true });
});

async function writeConfig(folder: string, sample: Sample): Promise<void> {
  const config = {
    personize: { secretKey: "${PERSONIZE_SECRET_KEY}", baseUrl: personize.url },
    syncs: { people: sample.sync },
  };
  await writeFile(join(folder, "sync.config.json"), JSON.stringify(config));
}

/** A connector installed alone by npm, once for all tests. @returns the folder. */
const install = (connector: Installed): Promise<string> => {
  const known = installations.get(connector);
  if (known !== undefined) return known;
  const installation = installByNpm(connector);
  installations.set(connector, installation);
  return installation;
};
const installations = new Map<Installed, Promise<string>>();

async function installByNpm({ bin, packageName }: Installed): Promise<string> {
  const folder = await registry.createFolder(`npm-${bin}`);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "somebody", private: true }));
  await runWell("npm", ["install", packageName], { folder });
  return folder;
}

const runnable = connectors.filter(({ isAvailable }) => isAvailable);

if (runnable.length < connectors.length) {
  it.skip("connector-mysql, installed alone [needs MariaDB: apt-get install mariadb-server-core]", () => undefined);
}

describe.each(runnable)("$packageName, installed alone", (connector) => {
  let folder = "";
  let cameAlong: CameAlong;
  let sample: Sample;
  const bin = (words: readonly string[]) =>
    runProgram(join(folder, "node_modules/.bin", connector.bin), words, {
      folder,
      env: { PERSONIZE_SECRET_KEY: KEY, ...sample.env },
    });

  beforeAll(async () => {
    [sample, folder] = await Promise.all([connector.startSample(), install(connector)]);
    cameAlong = await whatCameAlong(folder);
    await writeConfig(folder, sample);
  });
  afterAll(() => sample.close());

  it("brings no other connector, no other driver and nothing of ours that is private", async () => {
    const { names } = cameAlong;
    expect(names).toEqual(expect.arrayContaining([connector.packageName, "@acme/sync-core", ...connector.drivers]));
    const others = connectors.filter((other) => other !== connector);
    expect(names.filter((name) => others.some((other) => isOf(other, name)))).toEqual([]);
    const published = (await publicPackages()).map(({ manifest }) => manifest.name);
    expect(names.filter((name) => name.startsWith("@acme/") && !published.includes(name))).toEqual([]);
  });

  it("asks for the published SDK at the real range", async () => {
    const core = await readManifest(join(folder, "node_modules/@acme/sync-core/package.json"));
    expect(core.dependencies?.["@personize/sdk"]).toBe("^0.18.0");
  });

  it("stays within its budget of packages and bytes", () => {
    const { names, bytes } = cameAlong;
    const megabytes = bytes / 1_000_000;
    const { budget } = connector;
    const said = `${connector.packageName}: ${names.length} packages (budget ${budget.packages}), ${megabytes.toFixed(1)} MB (budget ${budget.megabytes})`;
    note(said);
    expect(names.length, said).toBeLessThanOrEqual(budget.packages);
    expect(megabytes, said).toBeLessThanOrEqual(budget.megabytes);
  });

  it("brings only licences that a company can take without asking a lawyer", () => {
    expect(licenceProblems(cameAlong.licences)).toEqual([]);
  });

  it("shows help and versions", async () => {
    const help = await bin(["--help"]);
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toContain(`$ ${connector.bin} check`);
    const version = await bin(["--version"]);
    expect(version).toMatchObject({ code: 0, err: "" });
    expect(version.out).toContain(`${connector.packageName} `);
    expect(version.out).toMatch(/@personize\/sdk 0\.18/);
  });

  it("checks, brings every row across, and finds nothing to do afterwards", async () => {
    const check = await bin(["check", "--json"]);
    expect(JSON.parse(check.out), check.err).toMatchObject({ command: "check", exitCode: 0 });
    const first = JSON.parse((await bin(["sync", "--json"])).out);
    expect(first).toMatchObject({ exitCode: 0, syncs: [{ receipt: { rows: { landed: sample.rows } } }] });
    const second = JSON.parse((await bin(["sync", "--json", "--full"])).out);
    expect(second).toMatchObject({ exitCode: 0, syncs: [{ receipt: { rows: { unchanged: sample.rows, sent: 0 } } }] });
  });

  it("works when pnpm installed it", async () => {
    const other = await registry.createFolder(`pnpm-${connector.bin}`);
    await writeFile(join(other, "package.json"), JSON.stringify({ name: "somebody", private: true }));
    await runWell(PNPM, ["add", connector.packageName], { folder: other });
    await writeConfig(other, sample);
    const check = await runProgram(join(other, "node_modules/.bin", connector.bin), ["check", "--json"], {
      folder: other,
      env: { PERSONIZE_SECRET_KEY: KEY, ...sample.env },
    });
    expect(JSON.parse(check.out), check.err).toMatchObject({ exitCode: 0 });
  });

  it("runs by npx, without an installation", async () => {
    const other = await registry.createFolder(`npx-${connector.bin}`);
    const { out } = await runWell("npx", ["--yes", connector.packageName, "--version"], { folder: other });
    expect(out).toContain(`${connector.packageName} `);
  });
});

describe("TypeScript consumers", () => {
  let tools = "";
  beforeAll(async () => {
    tools = await registry.createFolder("tools");
    await writeFile(join(tools, "package.json"), JSON.stringify({ name: "tools", private: true }));
    await runWell("npm", ["install", "typescript@5.9", "@types/node@24"], { folder: tools });
  });

  // One program over every installation: each file finds what was installed beside it, and no other connector's.
  it.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])("compile against every connector's types as %s, with skipLibCheck off", async (module, moduleResolution) => {
    const files = await Promise.all(
      runnable.map(async (connector) => {
        const file = join(await install(connector), "consumer.ts");
        await writeFile(file, consumerOf(connector));
        return file;
      }),
    );
    const compilerOptions = {
      module,
      moduleResolution,
      strict: true,
      noEmit: true,
      target: "es2024",
      lib: ["es2024"],
      types: ["node"],
      typeRoots: [join(tools, "node_modules/@types")],
      skipLibCheck: false,
    };
    await writeFile(join(tools, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    await runWell(join(tools, "node_modules/.bin/tsc"), ["-p", "."], { folder: tools });
  });
});

describe("@acme/runner", () => {
  const versions = async (folder: string): Promise<string> =>
    (await runWell(join(folder, "node_modules/.bin/runner"), ["--version"], { folder })).out;

  it("brings every connector along", async () => {
    const folder = await registry.createFolder("runner");
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "somebody", private: true }));
    await runWell("npm", ["install", "@acme/runner"], { folder });
    const { names, licences } = await whatCameAlong(folder);
    const ours = connectors.flatMap(({ packageName, drivers }) => [packageName, ...drivers]);
    expect(names).toEqual(expect.arrayContaining(["@acme/runner", ...ours]));
    expect(licenceProblems(licences)).toEqual([]);
    const said = await versions(folder);
    for (const { packageName } of connectors) expect(said).toContain(`${packageName} `);
  });

  it("goes without those that were left out", async () => {
    const folder = await registry.createFolder("runner-alone");
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "somebody", private: true }));
    await runWell("npm", ["install", "--omit=optional", "@acme/runner", "@acme/connector-mysql"], { folder });
    const said = await versions(folder);
    expect(said).toContain("@acme/connector-mysql ");
    for (const left of ["postgres", "hubspot", "salesforce"]) expect(said).not.toContain(`@acme/connector-${left}`);
  });
});

function isOf(connector: Installed, name: string): boolean {
  return name === connector.packageName || connector.drivers.includes(name);
}

/** A program that uses what a connector exports. */
function consumerOf({ bin, packageName }: Installed): string {
  const camel = bin.replace("connector-", "");
  const pascal = camel.replace(/^./, (letter) => letter.toUpperCase());
  return `import type { Page, Source } from "@acme/sync-core";
    import { create${pascal}Source, ${camel}Config, ${camel}Connector, type ${pascal}Config } from "${packageName}";
    export const make: (config: ${pascal}Config) => Source = (config) =>
      create${pascal}Source(config, { now: () => 0, random: () => 0, sleep: async () => {} });
    export const name: string = ${camel}Connector.name;
    export const parse: (text: unknown) => ${pascal}Config = (text) => ${camel}Config.parse(text);
    export const rows = (page: Page): number => page.rows.length;
    // @ts-expect-error: types that were not found would be any, and forgive this.
    export const wrong: number = ${camel}Connector.name;
  `;
}
