import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../repository.ts";

/** A bug, as the change of a text of a connector that plants it. */
export interface PlantedBug {
  readonly name: string;
  /** Below the connector's sources. */
  readonly file: string;
  /** Stands in its file exactly once; where it no longer does, planting fails, and the entry has to follow the connector. */
  readonly find: string;
  readonly replace: string;
  /** The first seed to try: for bugs that show themselves seldom. Absent: 1. */
  readonly from?: number;
}

/**
 * Makes a copy of a connector's sources with the bug in it.
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
  await cp(join(root, "packages", connector, "src"), folder, {
    recursive: true,
    filter: (path) => !/\.test\.ts$|__fixtures__/.test(path),
  });
  const file = join(folder, bug.file);
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
