import { readdir, writeFile } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { ConfigError } from "../contracts/errors.ts";

const DEFAULT_NAME = "sync.config.yaml";
/** Names under which a configuration needs no `--config`. */
const FOUND_BY_ITSELF = /^sync\.config\.(?:yaml|yml|json|ts|js|mjs)$/;

/**
 * Where `init` writes.
 * @throws ConfigError when it would replace a file, or stand beside another configuration, without being told.
 */
export async function findTarget(cwd: string, named: string | null, force: boolean): Promise<string> {
  const file = resolve(cwd, named ?? DEFAULT_NAME);
  if (![".yaml", ".yml"].includes(extname(file))) {
    throw new ConfigError(`init writes YAML, and ${basename(file)} ends otherwise`, {
      hint: "Name a file that ends in .yaml.",
    });
  }
  const present = await namesIn(dirname(file));
  if (present.includes(basename(file)) && !force) throw alreadyThere(basename(file));
  const other = present.find((name) => FOUND_BY_ITSELF.test(name) && name !== basename(file));
  // Two of them, and no other command would know which one is meant.
  if (other !== undefined && FOUND_BY_ITSELF.test(basename(file))) {
    throw new ConfigError(`there is already a configuration here: ${other}`, {
      hint: "Write to another file with --output FILE, and take over what you want of it.",
    });
  }
  return file;
}

/** @throws ConfigError when it cannot be written, or came into being meanwhile. */
export async function writeConfigFile(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw alreadyThere(basename(file));
    throw new ConfigError(`${file} cannot be written`, { hint: "Correct the path behind --output.", cause: error });
  }
}

function alreadyThere(name: string): ConfigError {
  return new ConfigError(`${name} is already there`, {
    hint: "Write to another file with --output FILE, or replace it with --force.",
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new ConfigError(`the folder ${folder} cannot be looked into`, {
      hint: "Correct the path behind --output.",
      cause: error,
    });
  }
}
