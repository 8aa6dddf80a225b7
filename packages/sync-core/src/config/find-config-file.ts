import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError } from "../contracts/errors.ts";

const FILE_NAMES = ["yaml", "yml", "json", "ts", "js", "mjs"].map((ending) => `sync.config.${ending}`);

/**
 * The configuration file: the one named, or the one in `cwd`.
 * @throws ConfigError when there is none, or more than one to choose from.
 */
export async function findConfigFile(cwd: string, named: string | null): Promise<string> {
  if (named !== null) {
    const file = resolve(cwd, named);
    if (await isFile(file)) return file;
    throw new ConfigError(`there is no file ${named}`, { hint: "Correct the path behind --config." });
  }
  const present: string[] = [];
  for (const name of FILE_NAMES) if (await isFile(join(cwd, name))) present.push(name);
  const [found] = present;
  if (found === undefined) {
    throw new ConfigError(
      "no configuration found: there is no sync.config.yaml (or .yml, .json, .ts, .js, .mjs) here",
      {
        hint: "Change to the folder that holds it, name it with --config FILE, or let `init` write one.",
      },
    );
  }
  if (present.length > 1) {
    throw new ConfigError(`there are ${present.length} configurations here: ${present.join(", ")}`, {
      hint: "Keep one of them, or name one with --config FILE.",
    });
  }
  return join(cwd, found);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
