import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { root } from "@acme/tests/repository";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack, type PublicPackage, publicPackages } from "./pack.ts";

/** What the tools find wrong with a packed package, in words; nothing when it is fit to be installed. */
async function problemsOf(tarball: string): Promise<readonly string[]> {
  const bytes = await readFile(tarball);
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: data }, strict: true });
  const published = messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`);
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)));
  if (analysis.types === false) return published;
  // Node's ES modules and bundlers are what we publish for; a CommonJS program loads them by `require` since Node 22.
  const types = analysis.problems
    .filter((problem) => !("resolutionKind" in problem && /node10|node16-cjs/.test(problem.resolutionKind)))
    .map((problem) => `types: ${JSON.stringify(problem)}`);
  return [...published, ...types];
}

describe("packed packages", async () => {
  const packages = await publicPackages();
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sync-packed-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(packages)("$manifest.name is packed so that Node, bundlers and TypeScript find everything", async (found) => {
    expect(await problemsOf(await packed(found, folder))).toEqual([]);
  });

  it("are told when they are not", async () => {
    const broken = join(folder, "broken");
    await mkdir(join(broken, "dist"), { recursive: true });
    const manifest = {
      name: "broken",
      version: "1.0.0",
      type: "module",
      exports: { ".": { default: "./dist/index.js", types: "./dist/index.d.ts" }, "./gone": "./dist/gone.js" },
      files: ["dist"],
    };
    await writeFile(join(broken, "package.json"), JSON.stringify(manifest));
    await writeFile(join(broken, "dist/index.js"), "export const a = 1;\n");
    await writeFile(join(broken, "dist/index.d.ts"), "export = 1;\n");
    const problems = await problemsOf(await pack(broken, folder));
    expect(problems.join("\n")).toMatch(/publint: .*types/);
    expect(problems.join("\n")).toMatch(/gone\.js/);
    expect(problems.join("\n")).toMatch(/types: /);
  });
});

function packed({ folder }: PublicPackage, into: string): Promise<string> {
  return pack(join(root, folder), into);
}
