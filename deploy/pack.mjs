/**
 * Packs everything that the runner is made of into a folder, and writes down in `index.json` what needs what:
 * name → { file, dependencies }. `@personize/sdk` in it is this repository's stand-in for it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [, , target = "tarballs"] = process.argv;
mkdirSync(target, { recursive: true });
const index = {};

function pack(folder, manifest) {
  const { status, stdout } = spawnSync("npx", ["-y", "pnpm@12", "pack", "--json", "--pack-destination", resolve(target)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${folder} could not be packed`);
  const file = JSON.parse(stdout).filename.split("/").at(-1);
  index[manifest.name] = { file, dependencies: Object.keys(manifest.dependencies ?? {}) };
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

for (const parent of ["packages", "apps"]) {
  for (const name of readdirSync(parent)) pack(join(parent, name), readManifest(join(parent, name)));
}

// Private, so that nobody publishes it by mistake; this copy goes no further than the image.
const { private: _private, devDependencies: _development, ...sdk } = readManifest("stand-ins/personize-sdk");
const copy = mkdtempSync(join(tmpdir(), "personize-sdk-"));
cpSync("stand-ins/personize-sdk/dist", join(copy, "dist"), { recursive: true });
writeFileSync(join(copy, "package.json"), JSON.stringify(sdk));
pack(copy, sdk);
rmSync(copy, { recursive: true });

writeFileSync(join(target, "index.json"), JSON.stringify(index, null, 2));
