import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../contracts/errors.ts";
import type { StateBackend } from "../contracts/state-backend.ts";

/** Packages of this project that keep a state, by the schemes they answer to. They are found by name: nothing here depends on them. */
const PACKAGES: Readonly<Record<string, string>> = {
  postgres: "@acme/state-postgres",
  postgresql: "@acme/state-postgres",
};

/**
 * The backend for a scheme: one that the program was handed, or the package for it that is installed beside the configuration
 * file or beside the program.
 * @param directory of the configuration.
 * @param program the file that was started; null: there is none.
 * @throws ConfigError that says what to install.
 */
export async function findStateBackend(
  scheme: string,
  handedIn: readonly StateBackend[],
  directory: string,
  program: string | null = process.argv[1] ?? null,
): Promise<StateBackend> {
  const given = handedIn.find((backend) => backend.schemes.includes(scheme));
  if (given !== undefined) return given;
  const name = PACKAGES[scheme];
  if (name === undefined) {
    throw new ConfigError(`state: nothing here keeps a state at ${scheme}://`, {
      hint: "Name the path of a file, or a postgres:// URL.",
    });
  }
  const file = resolvePackage(name, [join(directory, "here"), program]);
  if (file === null) {
    throw new ConfigError(`state: a state at ${scheme}:// needs the package ${name}, which is not installed`, {
      hint: `Install it beside the configuration (npm install ${name}), or name the path of a file.`,
    });
  }
  const loaded: unknown = await import(pathToFileURL(file).href);
  const backend = typeof loaded === "object" && loaded !== null && "stateBackend" in loaded && loaded.stateBackend;
  if (isBackend(backend)) return backend;
  throw new ConfigError(`state: the package ${name} that is installed keeps no state for this version of the program`, {
    hint: `Install another version of it (npm install ${name}@latest).`,
  });
}

/** Where `name` is found from the first of these files that finds it; null: from none. */
function resolvePackage(name: string, from: readonly (string | null)[]): string | null {
  for (const file of from) {
    if (file === null) continue;
    try {
      return createRequire(file).resolve(name);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return null;
}

function isBackend(value: unknown): value is StateBackend {
  return typeof value === "object" && value !== null && "schemes" in value && "open" in value;
}
