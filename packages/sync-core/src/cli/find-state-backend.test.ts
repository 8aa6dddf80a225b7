import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../contracts/errors.ts";
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

  it("says what to install where there is none", async () => {
    const search = findStateBackend("postgresql", [], directory);
    await expect(search).rejects.toBeInstanceOf(ConfigError);
    await expect(search).rejects.toThrow("needs the package @acme/state-postgres, which is not installed");
    await expect(search).rejects.toHaveProperty("hint", expect.stringContaining("npm install @acme/state-postgres"));
  });

  it("says so when nothing keeps a state there, or what is installed is something else", async () => {
    await expect(findStateBackend("mysql", [handedIn], directory)).rejects.toThrow(
      "nothing here keeps a state at mysql://",
    );
    const folder = await installed("other", "export const somethingElse = 1;");
    await expect(findStateBackend("postgres", [], folder)).rejects.toThrow("keeps no state for this version");
  });
});
