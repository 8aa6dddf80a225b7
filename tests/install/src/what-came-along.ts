import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readManifest } from "./pack.ts";

export interface CameAlong {
  /** Names of the installed packages, each once, in alphabetical order. */
  readonly names: readonly string[];
  readonly bytes: number;
  /** Name → licence, as the package itself states it; null: it states none. */
  readonly licences: ReadonlyMap<string, string | null>;
}

/** What stands in a folder's `node_modules`, nested ones included. */
export async function whatCameAlong(folder: string): Promise<CameAlong> {
  const licences = new Map<string, string | null>();
  let bytes = 0;
  for (const entry of await readdir(join(folder, "node_modules"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += (await stat(join(entry.parentPath, entry.name))).size;
    if (entry.name !== "package.json" || !isPackageFolder(entry.parentPath)) continue;
    const { name, license } = await readManifest(join(entry.parentPath, entry.name));
    licences.set(name, license ?? null);
  }
  return { names: [...licences.keys()].toSorted(), bytes, licences };
}

/** `…/node_modules/name` or `…/node_modules/@scope/name`, and not a folder within a package. */
function isPackageFolder(path: string): boolean {
  return /\/node_modules\/(@[^/]+\/)?[^@/][^/]*$/.test(path);
}
