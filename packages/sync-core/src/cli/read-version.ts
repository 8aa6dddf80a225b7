import { readFileSync } from "node:fs";

/**
 * The version of a package, read from its package.json.
 * @param module `import.meta.url` of a file in its `src` or `dist`: the manifest lies one folder above either.
 */
export function readVersion(module: string): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", module), "utf8"));
  return manifest instanceof Object && "version" in manifest ? String(manifest.version) : "unknown";
}
