/**
 * What a release would do: which packages get which version and why, and what their tarballs would hold. Changes nothing.
 * Ends with 1 when something private would be part of it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import getReleasePlan from "@changesets/get-release-plan";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

const root = process.argv[2] ?? process.cwd();
const out = (line = ""): void => void process.stdout.write(`${line}\n`);

const manifests = new Map<string, { readonly folder: string; readonly manifest: Manifest }>();
for (const path of globSync(
  [
    "package.json",
    "{packages,apps,stand-ins,tests}/*/package.json",
    "{tests,test-servers,demo,benchmarks}/package.json",
  ],
  {
    cwd: root,
    exclude: (found) => found.includes("node_modules"),
  },
)) {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, path), "utf8"));
  manifests.set(manifest.name, { folder: join(root, path, ".."), manifest });
}
/** A name that no package has is none that could be published either. */
const isPrivate = (name: string): boolean => {
  const found = manifests.get(name);
  return found === undefined || found.manifest.private === true;
};

const plan = await getReleasePlan(root);
const problems = plan.changesets.flatMap(({ id, releases }) =>
  releases
    .filter(({ name }) => isPrivate(name))
    .map(({ name }) => `.changeset/${id}.md names ${name}, which is private and never published; take it out`),
);
const released = plan.releases
  .filter(({ type }) => type !== "none")
  .toSorted((one, other) => one.name.localeCompare(other.name));
problems.push(
  ...released.filter(({ name }) => isPrivate(name)).map(({ name }) => `${name} is private, and would get a version`),
);

if (released.length === 0) out("Nothing to release: no changeset is waiting.");
for (const { name, type, oldVersion, newVersion, changesets } of released) {
  const why =
    changesets.length > 0
      ? changesets.map((id) => `.changeset/${id}.md`).join(", ")
      : "a package that it depends on left its range";
  out(`${name}  ${oldVersion} → ${newVersion}  (${type}: ${why})`);
  const found = manifests.get(name);
  if (found !== undefined && existsSync(join(found.folder, "dist"))) out(`  ${contents(found.folder)}`);
}
const untouched = [...manifests.values()].filter(
  ({ manifest }) => manifest.private !== true && !released.some(({ name }) => name === manifest.name),
);
for (const { manifest } of untouched) out(`${manifest.name}  ${manifest.version}, stays as it is`);
out();
for (const problem of problems) out(`problem: ${problem}`);
out(
  problems.length === 0
    ? "Nothing was changed or published."
    : "Nothing was changed or published, and nothing should be before this is mended.",
);
process.exitCode = problems.length === 0 ? 0 : 1;

/** What the tarball would hold, in a line. */
function contents(folder: string): string {
  const { stdout, status, stderr } = spawnSync("npm", ["pack", "--dry-run", "--json"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`npm pack failed in ${folder}: ${stderr}`);
  const [packed]: readonly { readonly entryCount: number; readonly size: number; readonly unpackedSize: number }[] =
    Object.values(JSON.parse(stdout));
  if (packed === undefined) throw new Error(`npm pack told nothing of ${folder}`);
  return `${packed.entryCount} files, ${Math.ceil(packed.size / 1000)} kB packed, ${Math.ceil(packed.unpackedSize / 1000)} kB unpacked`;
}
