import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../repository.ts";
import type { PlantedBug } from "./planted-bugs.ts";

const connectorFolder = join(root, "packages/connector-hubspot");
/** Inside the package, so that imports resolve as they do from the original; ignored by git. */
const mutants = join(connectorFolder, ".cache/mutants");

/**
 * Makes a copy of the connector's sources with the bug in it.
 * @returns its folder, to be removed by whoever asked for it.
 * @throws Error when the text to change is not there, or not once.
 */
export async function plant(bug: PlantedBug): Promise<string> {
  const folder = join(mutants, `${bug.name.replaceAll(/[^a-z0-9]+/gi, "-")}-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(connectorFolder, "src"), folder, {
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
