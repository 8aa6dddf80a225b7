import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { files, root } from "@acme/tests/repository";
import { PNPM, runWell } from "./run-program.ts";

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface PublicPackage {
  /** From the root of the repository. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every package that a release publishes. */
export async function publicPackages(): Promise<readonly PublicPackage[]> {
  const found = files("{packages,apps}/*/package.json").map(async (path) => ({
    folder: path.replace("/package.json", ""),
    manifest: await readManifest(join(root, path)),
  }));
  return (await Promise.all(found)).filter(({ manifest }) => manifest.private !== true);
}

export async function readManifest(file: string): Promise<Manifest> {
  const manifest: Manifest = JSON.parse(await readFile(file, "utf8"));
  return manifest;
}

/** Packs a built package as a release would, into `folder`. @returns the tarball's path. */
export async function pack(packageFolder: string, folder: string): Promise<string> {
  if (!existsSync(join(packageFolder, "dist"))) throw new Error(`${packageFolder} is not built`);
  await mkdir(folder, { recursive: true });
  const { out } = await runWell(PNPM, ["pack", "--json", "--pack-destination", folder], { folder: packageFolder });
  const packed: { readonly filename: string } = JSON.parse(out);
  return packed.filename.startsWith("/") ? packed.filename : join(folder, packed.filename);
}

/** What stands in for `@personize/sdk`, packed under its version so that the real range finds it. */
export async function packSdk(folder: string): Promise<string> {
  const copy = join(folder, "personize-sdk");
  await cp(join(root, "stand-ins/personize-sdk"), copy, {
    recursive: true,
    filter: (path) => !/\/(node_modules|src|\.turbo)$/.test(path),
  });
  const manifest = await readManifest(join(copy, "package.json"));
  const { private: _private, ...published } = manifest;
  await writeFile(join(copy, "package.json"), JSON.stringify({ ...published, devDependencies: {} }));
  return pack(copy, folder);
}
