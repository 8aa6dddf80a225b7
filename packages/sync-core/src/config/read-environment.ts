import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { ConfigError } from "../contracts/errors.ts";
import type { Environment } from "./interpolate.ts";

/**
 * The environment together with the `.env` file of `directory`, if there is one. The real environment wins.
 * @throws ConfigError when the file is there and cannot be read.
 */
export async function readEnvironment(directory: string, env: Environment): Promise<Environment> {
  let text: string;
  try {
    text = await readFile(join(directory, ".env"), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    // A folder called .env (a Python environment, say) is not ours to complain about.
    if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR") return env;
    throw new ConfigError(".env is there but cannot be read", { hint: "Check its permissions.", cause: error });
  }
  const merged: Record<string, string | undefined> = { ...parseEnv(text) };
  for (const [name, value] of Object.entries(env)) if (value !== undefined) merged[name] = value;
  return merged;
}
