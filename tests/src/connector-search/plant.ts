import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../repository.ts";

/** A bug, as the change of a text of a connector, or of what stands below it, that plants it. */
export interface PlantedBug {
  readonly name: string;
  /** The package below the connector whose bug it is, by its folder. Absent: the connector itself. */
  readonly package?: string;
  /** Below the package's sources. */
  readonly file: string;
  /** Stands in its file exactly once; where it no longer does, planting fails, and the entry has to follow the connector. */
  readonly find: string;
  readonly replace: string;
  /** The first seed to try: for bugs that show themselves seldom. Absent: 1. */
  readonly from?: number;
}

/**
 * Makes a copy of a connector's sources with the bug in it. Where the bug is in a package below it, the copy has its own copy of that one.
 * @param connector the name of its package's folder.
 * @returns the copy's folder, to be removed by whoever asked for it.
 * @throws Error when the text to change is not there, or not once.
 */
export async function plant(connector: string, bug: PlantedBug): Promise<string> {
  // Inside the package, so that imports resolve as they do from the original; ignored by git.
  const mutants = join(root, "packages", connector, ".cache/mutants");
  const folder = join(mutants, `${bug.name.replaceAll(/[^a-z0-9]+/gi, "-")}-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await copySources(connector, folder);
  const sources = bug.package === undefined ? folder : await putBelow(folder, bug.package);
  const file = join(sources, bug.file);
  const text = await readFile(file, "utf8");
  const places = text.split(bug.find).length - 1;
  if (places !== 1) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`"${bug.name}" cannot be planted: ${bug.file} holds its text ${places} times, not once`);
  }
  await writeFile(
    file,
    text.replace(bug.find, () => bug.replace),
  );
  return folder;
}

async function copySources(name: string, folder: string): Promise<void> {
  await cp(join(root, "packages", name, "src"), folder, {
    recursive: true,
    filter: (path) => !/\.test\.ts$|__fixtures__/.test(path),
  });
}

/** Makes a copy of a package that the connector's copy imports in place of the original. @returns the folder of its sources. */
async function putBelow(folder: string, name: string): Promise<string> {
  const copy = join(folder, ".below", name);
  await copySources(name, join(copy, "src"));
  await cp(join(root, "packages", name, "package.json"), join(copy, "package.json"));
  // By a link: Node strips no types of what lies in node_modules.
  await mkdir(join(folder, "node_modules/@acme"), { recursive: true });
  await symlink(copy, join(folder, "node_modules/@acme", name), "dir");
  return join(copy, "src");
}
