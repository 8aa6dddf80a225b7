import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { files, root } from "../repository.ts";

const copies: string[] = [];
afterEach(async () => {
  for (const copy of copies.splice(0)) await rm(copy, { recursive: true, force: true });
});

/** The manifests and changesets of this repository, in a folder of their own. */
async function copyRepository(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "sync-release-"));
  copies.push(copy);
  const manifests = files(
    "{package.json,{packages,apps,stand-ins,tests}/*/package.json,{tests,test-servers,demo,benchmarks}/package.json}",
  );
  for (const path of ["pnpm-workspace.yaml", "pnpm-lock.yaml", ".changeset", ...manifests]) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(root, path), join(copy, path), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

function runNode(folder: string, words: readonly string[]): { readonly code: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
  return { code: status, out: stdout + stderr };
}

const releaseDry = (folder: string) => runNode(root, [join(root, "scripts/release-dry.ts"), folder]);

/** Releases what is waiting, as the release workflow's pull request does. */
function release(folder: string): void {
  for (const words of [
    ["init", "-q", "-b", "main"],
    ["add", "-A"],
    ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "all"],
  ]) {
    expect(spawnSync("git", words, { cwd: folder }).status).toBe(0);
  }
  expect(runNode(folder, [join(root, "node_modules/@changesets/cli/bin.js"), "version"]).code).toBe(0);
}

async function changeset(folder: string, changes: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(changes).map(([name, type]) => `"${name}": ${type}`);
  await writeFile(join(folder, ".changeset/one-more.md"), `---\n${lines.join("\n")}\n---\n\nSomething.\n`);
}

describe("a release", () => {
  it("as it would be today holds public packages only", async () => {
    const { code, out } = releaseDry(root);
    expect(out).not.toContain("problem");
    expect(code).toBe(0);
  });

  it.each([
    "@personize/sdk",
    "@acme/personize-api",
    "@acme/hubspot-api",
    "@acme/salesforce-api",
    "@acme/stand-in-kit",
    "@acme/tests",
    "@acme/nobody",
  ])("is refused when a changeset names %s", async (name) => {
    const copy = await copyRepository();
    await changeset(copy, { [name]: "patch" });
    const { code, out } = releaseDry(copy);
    expect(code).toBe(1);
    expect(out).toContain(name);
  });

  it("of a patch in the core is one of the core alone", async () => {
    const copy = await copyRepository();
    release(copy);
    await changeset(copy, { "@acme/sync-core": "patch" });
    const { code, out } = releaseDry(copy);
    expect({ code, released: releasedIn(out) }).toEqual({ code: 0, released: ["@acme/sync-core"] });
  });

  it("of one connector is one of that connector, and of nothing that still takes it as it was", async () => {
    const copy = await copyRepository();
    release(copy);
    await changeset(copy, { "@acme/connector-postgres": "patch" });
    expect(releasedIn(releaseDry(copy).out)).toEqual(["@acme/connector-postgres"]);
  });

  it("writes a changelog for each public package it holds, and none for what is private", async () => {
    const copy = await copyRepository();
    const released = releasedIn(releaseDry(copy).out);
    release(copy);
    const changelogs = spawnSync("git", ["ls-files", "--others", "*CHANGELOG.md"], { cwd: copy, encoding: "utf8" });
    const written = changelogs.stdout
      .trim()
      .split("\n")
      .filter((line) => line !== "");
    const names = await Promise.all(
      written.map(
        async (path): Promise<string> =>
          JSON.parse(await readFile(join(copy, dirname(path), "package.json"), "utf8")).name,
      ),
    );
    expect(names.toSorted()).toEqual(released);
  });
});

function releasedIn(out: string): readonly string[] {
  return out.split("\n").flatMap((line) => /^(\S+) +\S+ → \S+/.exec(line)?.[1] ?? []);
}
