import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "@acme/tests/repository";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, run, runWell } from "./buildah.ts";

/** The step of the Dockerfile that chooses what goes in, without a builder around it. */
describe("what is installed into the image", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sync-image-install-"));
    await runWell(process.execPath, ["deploy/pack.mjs", join(folder, "tarballs")], root);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const install = async (
    name: string,
    connectors: string,
    sdk = "stand-in",
  ): Promise<Ended & { readonly into: string }> => {
    const into = join(folder, name);
    await mkdir(into);
    const environment = [`CONNECTORS=${connectors}`, `SDK=${sdk}`];
    const words = [...environment, process.execPath, join(root, "deploy/install.mjs"), join(folder, "tarballs")];
    return { ...(await run("env", words, into)), into };
  };

  it("is the runner with the chosen connectors, what they need, and nothing of the others", async () => {
    const { code, err, into } = await install("chosen", "postgres");
    expect(code, err).toBe(0);
    const ours = await readdir(join(into, "node_modules/@acme"));
    expect(ours.toSorted()).toEqual(["connector-postgres", "runner", "sql-source", "state-postgres", "sync-core"]);
    const all = await readdir(join(into, "node_modules"), { recursive: true });
    expect(all.filter((name) => /(^|\/)(mysql2|jsforce|@hubspot)$/.test(name))).toEqual([]);
    expect(all.filter((name) => /\.(d\.[cm]?ts|map)$/.test(name))).toEqual([]);
    const { out } = await run(join(into, "node_modules/.bin/runner"), ["--version"], into);
    expect(out).toContain("@acme/connector-postgres ");
    expect(out).not.toContain("@acme/connector-hubspot");
  });

  it("is refused when a connector does not exist, or the SDK is called something else", async () => {
    expect(await install("wrong", "postgress")).toMatchObject({
      code: 1,
      err: expect.stringContaining("connector-postgress"),
    });
    expect(await install("sdk", "postgres", "real")).toMatchObject({
      code: 1,
      err: expect.stringContaining("published or stand-in"),
    });
  });
});
