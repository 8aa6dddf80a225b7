import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Paths below the root that match, without what is generated. */
export function files(pattern: string): string[] {
  return globSync(pattern, {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|\.turbo)(\/|$)/.test(path),
  }).toSorted();
}

export function readText(path: string): string {
  return readFileSync(`${root}${path}`, "utf8");
}

/** What a TypeScript file imports, types included, as written. */
export function imports(path: string): string[] {
  const text = readText(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*$/gm, "");
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)].flatMap((match) => match[1] ?? []);
}
