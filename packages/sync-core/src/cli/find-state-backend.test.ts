import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StateBackend } from "../contracts/state-backend.ts";
import { findStateBackend } from "./find-state-backend.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "state-backend-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const unused = async (): Promise<never> => {
  throw new Error("not opened in this test");
};
const handedIn: StateBackend = {
  schemes: ["postgres", "elsewhere"],
  packageName: "@acme/state-elsewhere",
  version: "1.0.0",
  locationOf: () => "elsewhere",
  open: unused,
  openRunQueue: unused,
};

/** A folder in which `npm install @acme/state-postgres` has put a package with this text. */
async function installed(name: string, text: string): Promise<string> {
  const folder = join(directory, name);
  const own = join(folder, "node_modules/@acme/state-postgres");
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "package.json"), '{ "type": "module", "exports": { ".": { "default": "./index.js" } } }');
  await writeFile(join(own, "index.js"), text);
  return folder;
}

/** What a process finds that does not inherit where this one looks for packages. */
function searchFrom(program: string): string {
  const script = `
    const { findStateBackend } = await import(process.argv[1]);
    try { console.log("found", (await findStateBackend("postgres", [], process.argv[2], process.argv[3])).schemes[0]); }
    catch (error) { console.log(error.name + ": " + error.message + "\\n" + error.hint); }`;
  const { NODE_PATH: _, ...env } = process.env;
  const args = [
    "--input-type=module",
    "-e",
    script,
    join(import.meta.dirname, "find-state-backend.ts"),
    directory,
    program,
  ];
  return execFileSync(process.execPath, args, { env, encoding: "utf8" }).trim();
}

describe("findStateBackend", () => {
  it("takes what the program was handed before anything else", async () => {
    const folder = await installed("both", "export const stateBackend = { schemes: [], open() {} };");
    expect(await findStateBackend("postgres", [handedIn], folder)).toBe(handedIn);
    expect(await findStateBackend("elsewhere", [handedIn], folder)).toBe(handedIn);
  });

  it("finds the package that is installed beside the configuration", async () => {
    const folder = await installed(
      "beside",
      "export const stateBackend = { schemes: ['postgres'], open() {}, version: '7' };",
    );
    for (const scheme of ["postgres", "postgresql"])
      expect(await findStateBackend(scheme, [], folder)).toMatchObject({ version: "7" });
  });

  it("finds the package that is installed beside the program, and says what to install where there is none", async () => {
    const folder = await installed("program", "export const stateBackend = { schemes: ['postgres'], open() {} };");
    expect(searchFrom(join(folder, "node_modules/@acme/connector/dist/bin.js"))).toBe("found postgres");
    expect(searchFrom(join(directory, "bin.js"))).toBe(
      "ConfigError: state: a state at postgres:// needs the package @acme/state-postgres, which is not installed\n" +
        "Install it beside the configuration (npm install @acme/state-postgres), or name the path of a file.",
    );
  });

  it("says so when nothing keeps a state there, or what is installed is something else", async () => {
    await expect(findStateBackend("mysql", [handedIn], directory)).rejects.toThrow(
      "nothing here keeps a state at mysql://",
    );
    const folder = await installed("other", "export const somethingElse = 1;");
    await expect(findStateBackend("postgres", [], folder)).rejects.toThrow("keeps no state for this version");
  });
});
