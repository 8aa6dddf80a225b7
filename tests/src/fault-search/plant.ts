import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { root } from "../repository.ts";
import { engineFolder, sourceFile } from "./engine-under-test.ts";

/** A bug, as the change of a text that plants it. */
export interface PlantedBug {
  readonly name: string;
  /** Below the engine's sources; `simulated-source.ts` is the simulated source's. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The first seed to try: for bugs that show themselves seldom. Absent: 1. */
  readonly from?: number;
}

export interface Planted {
  readonly folder: string;
  readonly engine: string;
  readonly source: string;
}

/** Inside the package, so that imports resolve as they do from the original; ignored by git. */
const mutants = join(root, "packages/sync-core/.cache/mutants");
const SOURCE = basename(sourceFile);

/**
 * Makes a copy of the engine with the bug in it.
 * @param sources of the engine to copy.
 * @throws Error when the text to change is not there, or not once: the list of planted bugs has to follow the engine. */
export async function plant(bug: PlantedBug, sources = engineFolder): Promise<Planted> {
  const folder = join(mutants, `${bug.name.replaceAll(/[^a-z0-9]+/gi, "-")}-${process.pid}`);
  const engine = join(folder, "src");
  const source = join(folder, SOURCE);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(sources, engine, { recursive: true, filter: isWanted });
  await cp(sourceFile, source);
  const file = bug.file === SOURCE ? source : join(engine, bug.file);
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
  return { folder, engine, source };
}

export async function uproot({ folder }: Planted): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function isWanted(path: string): boolean {
  return !/\.test\.ts$|__fixtures__|[\\/]src[\\/](cli|config|testing)([\\/]|$)/.test(path);
}
