import { createHash } from "node:crypto";
import { ConfigError, type Runtime } from "@acme/sync-core";
import { z } from "zod";
import { type Files, fileErrorCode } from "./files.ts";

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
export async function readTokens(files: Files, path: string, grant: string): Promise<StoredTokens | null> {
  const text = await usable("read", path, () => files.read(path));
  if (text === null) return null;
  try {
    const tokens = stored.parse(JSON.parse(text));
    return tokens.grant === grant ? tokens : null;
  } catch {
    return null; // Written by hand or cut off: the configured refresh token still holds.
  }
}

/** Replaces the file as a whole; readable by its owner only. */
export async function writeTokens(files: Files, path: string, tokens: StoredTokens): Promise<void> {
  await usable("write", path, () => files.replace(path, `${JSON.stringify(tokens)}\n`));
}

/** A refresh takes seconds; a lock that is older was left behind by a process that died. */
const STALE_LOCK_MS = 60_000;
const LOOK_AGAIN_MS = 100;

/** Runs `work` while no other process that uses the same file does. */
export async function withTokenFile<Result>(
  files: Files,
  path: string,
  runtime: Runtime,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = `${path}.lock`;
  while (!(await usable("lock", lock, () => files.create(lock)))) {
    const ageMs = await usable("lock", lock, () => files.ageMs(lock));
    if (ageMs !== null && ageMs > STALE_LOCK_MS) await files.remove(lock);
    else await runtime.sleep(LOOK_AGAIN_MS, signal);
  }
  try {
    return await work();
  } finally {
    await files.remove(lock);
  }
}

/** @throws ConfigError in place of what the file system says. */
async function usable<Result>(verb: string, path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new ConfigError(`oauth.tokenFile: cannot ${verb} ${path} (${fileErrorCode(error) ?? "unknown reason"})`, {
      hint: "Name a file in a folder that exists and that this user may write.",
    });
  }
}
