import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../contracts/errors.ts";
import { toConfigError } from "./config-problem.ts";
import type { ConfigPath } from "./config-path.ts";
import type { Environment } from "./interpolate.ts";
import { parseConfigText } from "./parse-config-text.ts";

export interface ConfigSource {
  readonly value: unknown;
  readonly lineOf: (path: ConfigPath) => number | null;
}

/**
 * Reads a configuration file as it is written: nothing is interpolated or checked yet. A `.ts`, `.js` or `.mjs` file exports
 * its configuration as default, or a function that is given the environment (`.env` included) and returns it.
 * @throws ConfigError when it cannot be read, parsed or run.
 */
export async function readConfigFile(file: string, env: Environment): Promise<ConfigSource> {
  if ([".ts", ".js", ".mjs"].includes(extname(file))) {
    return { value: await importConfig(file, env), lineOf: () => null };
  }
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new ConfigError(`${basename(file)} cannot be read`, { hint: "Check its permissions.", cause: error });
  }
  // A byte order mark is how some editors greet the parser.
  const parsed = parseConfigText(text.replace(/^\uFEFF/, ""));
  if ("problems" in parsed) throw toConfigError(basename(file), parsed.problems);
  return parsed;
}

async function importConfig(file: string, env: Environment): Promise<unknown> {
  const name = basename(file);
  let exported: unknown;
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    exported = typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
    if (typeof exported === "function") exported = await exported(env);
    else exported = await exported;
  } catch (error) {
    // Only the kind of fault: its message may quote the file.
    const kind = error instanceof Error ? error.name : "Error";
    throw new ConfigError(`${name} could not be run (${kind})`, {
      hint: `Run it by itself to see what is wrong: node ${name}. --debug shows it here, too.`,
      cause: error,
    });
  }
  if (exported === undefined) {
    throw new ConfigError(`${name} has no default export`, { hint: "Write: export default { syncs: { … } }" });
  }
  return exported;
}
