import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { createHash, randomUUID } from "node:crypto";
import { ConfigError, type Runtime } from "@acme/sync-core";
import { z } from "zod";

const stored = z.object({
  version: z.literal(1),
  /** Digest of the refresh token in the configuration that these tokens descend from: another one there starts anew. */
  grant: z.string(),
  refreshToken: z.string().min(1),
  accessToken: z.string().min(1),
  instanceUrl: z.string().min(1),
});
export type StoredTokens = z.output<typeof stored>;

/** What identifies an authorisation, without giving it away. */
export function toGrant(clientId: string, refreshToken: string): string {
  return createHash("sha256")
    .update(JSON.stringify([clientId, refreshToken]))
    .digest("hex");
}

/** The tokens in the file; null when it does not exist, is damaged, or belongs to another authorisation. */
export async function readTokens(path: string, grant: string): Promise<StoredTokens | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw unusable("read", path, error);
  }
  try {
    const tokens = stored.parse(JSON.parse(text));
    return tokens.grant === grant ? tokens : null;
  } catch {
    return null; // Written by hand or cut off: the configured refresh token still holds.
  }
}

/** Replaces the file as a whole; readable by its owner only. */
export async function writeTokens(path: string, tokens: StoredTokens): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(beside, "wx", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(tokens)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw unusable("write", path, error);
  }
}

/** A refresh takes seconds; a lock that is older was left behind by a process that died. */
const STALE_LOCK_MS = 60_000;
const LOOK_AGAIN_MS = 100;

/** Runs `work` while no other process that uses the same file does. */
export async function withTokenFile<Result>(
  path: string,
  runtime: Runtime,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = `${path}.lock`;
  while (!(await take(lock))) {
    if (await isStale(lock)) await rm(lock, { force: true });
    else await runtime.sleep(LOOK_AGAIN_MS, signal);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw unusable("lock", lock, error);
  }
}

/** By the file system's own clock on both sides: no virtual time reaches a file. */
async function isStale(lock: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs > STALE_LOCK_MS;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

function unusable(verb: string, path: string, error: unknown): ConfigError {
  return new ConfigError(`oauth.tokenFile: cannot ${verb} ${path} (${codeOf(error) ?? "unknown reason"})`, {
    hint: "Name a file in a folder that exists and that this user may write.",
  });
}
