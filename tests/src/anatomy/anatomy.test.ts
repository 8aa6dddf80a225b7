import { existsSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { files, readText, root } from "../repository.ts";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly engines?: { readonly node?: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly publishConfig?: { readonly access?: string; readonly exports?: Readonly<Record<string, unknown>> };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readText(`${folder}/package.json`));
}

const packages = files("packages/*/package.json").map((path) => path.replace("/package.json", ""));
const connectors = packages.filter((folder) => basename(folder).startsWith("connector-"));

describe.each(packages)("anatomy of %s", (folder) => {
  const {
    name,
    private: isPrivate,
    license,
    type,
    engines,
    files: shipped,
    exports,
    publishConfig,
    scripts,
    dependencies,
  } = manifest(folder);

  it("is a public, licensed ES module for the stated Node", () => {
    expect({ name, isPrivate, license, type, node: engines?.node, access: publishConfig?.access }).toEqual({
      name: `@acme/${basename(folder)}`,
      isPrivate: undefined,
      license: "MIT",
      type: "module",
      node: ">=22.19",
      access: "public",
    });
  });

  it("ships its build only, and publishes no source condition", () => {
    expect(shipped).toContain("dist");
    expect(shipped).not.toContain("src");
    expect(Object.keys(publishConfig?.exports ?? {})).toEqual(Object.keys(exports ?? {}));
    expect(JSON.stringify(publishConfig)).not.toContain("@acme/source");
  });

  it("has the cached tasks", () => {
    expect(Object.keys(scripts ?? {})).toEqual(expect.arrayContaining(["build", "typecheck", "lint", "test"]));
  });

  it("depends on siblings by a range that a patch of theirs does not break", () => {
    for (const [dependency, range] of Object.entries(dependencies ?? {}))
      if (dependency.startsWith("@acme/")) expect({ dependency, range }).toEqual({ dependency, range: "workspace:^" });
  });

  it("has a README", () => {
    expect(existsSync(`${root}${folder}/README.md`)).toBe(true);
  });
});

describe.each(connectors)("anatomy of a connector: %s", (folder) => {
  const short = basename(folder).replace("connector-", "");
  const pascal = short.replace(/^./, (letter) => letter.toUpperCase());

  it("has the files that every connector has", () => {
    const expected = [
      "index.ts",
      "bin.ts",
      "config.ts",
      "client.ts",
      "streams.ts",
      "cursor.ts",
      "source.ts",
      "errors.ts",
    ].map((file) => `${folder}/src/${file}`);
    expect(files(`${folder}/src/*.ts`)).toEqual(expect.arrayContaining(expected));
    expect(files(`${folder}/src/{query,responses}.ts`).length).toBeGreaterThan(0);
  });

  it("exports the names that every connector exports", () => {
    const index = readText(`${folder}/src/index.ts`);
    for (const name of [`create${pascal}Source`, `${short}Config`, `${pascal}Config`, `${short}Connector`])
      expect(index).toContain(name);
  });

  it("brings what `init` begins with", () => {
    expect(readText(`${folder}/src/connector.ts`)).toMatch(/^ {2}starter[:,]/m);
  });

  it("has a bin of its own name that is one call to the shared CLI", () => {
    expect(manifest(folder).bin).toEqual({ [basename(folder)]: "dist/bin.js" });
    const lines = readText(`${folder}/src/bin.ts`)
      .split("\n")
      .filter((line) => line.trim() !== "");
    expect(lines[0]).toBe("#!/usr/bin/env node");
    expect(lines.filter((line) => !line.startsWith("import") && !line.startsWith("#!"))).toEqual([
      `await runSourceCli(${short}Connector);`,
    ]);
  });
});
