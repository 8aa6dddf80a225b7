import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { at, text } from "./json-access.ts";

/**
 * The installed `@personize/sdk`: its version, with ` (stand-in)` behind it when the package says that it is one.
 * Read from the package's own manifest, which its exports need not show.
 */
export function sdkVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.resolve("@personize/sdk")));
  for (;;) {
    const manifest = readManifest(join(folder, "package.json"));
    if (at(manifest, "name") === "@personize/sdk") {
      const version = text(at(manifest, "version")) ?? "unknown";
      return at(at(manifest, "acme"), "standIn") === true ? `${version} (stand-in)` : version;
    }
    const parent = dirname(folder);
    if (parent === folder) return "unknown";
    folder = parent;
  }
}

function readManifest(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Most folders on the way up have no manifest.
    return null;
  }
}
