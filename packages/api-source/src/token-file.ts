import { createHash } from "node:crypto";
import { ConfigError, type Runtime } from "@acme/sync-core";
import { z } from "zod";
import { fileErrorCode, type Files, type Lock } from "./files.ts";
import { withLock } from "./with-lock.ts";

/** What a login gave that is worth keeping, beside the session itself the refresh token to use next. */
export interface Tokens<Session> {
  readonly session: Session;
  readonly refreshToken: string;
}

/** Where the newest tokens of one grant are, for all processes that use it. Every method throws ConfigError where the file is unusable. */
export interface TokenFile<Session> {
  /** null when there is no file, it is damaged, or it belongs to another grant: the configured refresh token then holds. */
  read(): Promise<Tokens<Session> | null>;
  /** Replaces the file as a whole; readable by its owner only, and on the disk when this resolves. */
  write(tokens: Tokens<Session>): Promise<void>;
  /** Runs `work` while no other process that uses the file does. @param signal ends the waiting, never the work. */
  alone<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

/** What the operator has configured: another refresh token there starts anew. */
export interface ConfiguredGrant {
  readonly clientId: string;
  readonly refreshToken: string;
}

const envelope = z.object({
  version: z.literal(1),
  /** Digest of the configured grant that these tokens descend from. */
  grant: z.string(),
  refreshToken: z.string().min(1),
});

/**
 * The file that the option `oauth.tokenFile` names.
 * @param session what is kept of a session; its fields stand beside `version`, `grant` and `refreshToken`.
 */
export function createTokenFile<Session extends object>(
  files: Files,
  runtime: Runtime,
  path: string,
  configured: ConfiguredGrant,
  session: z.ZodType<Session>,
): TokenFile<Session> {
  const grant = toDigest(configured);
  const lockPath = `${path}.lock`;
  const takeLock = async (): Promise<Lock> => {
    const lock = await usable("lock", lockPath, () => files.takeLock(lockPath));
    return { ...lock, end: () => usable("unlock", lockPath, () => lock.end()) };
  };

  return {
    async read() {
      const text = await usable("read", path, () => files.read(path));
      if (text === null) return null;
      try {
        const json: unknown = JSON.parse(text);
        const stored = envelope.parse(json);
        return stored.grant === grant ? { session: session.parse(json), refreshToken: stored.refreshToken } : null;
      } catch {
        return null; // Written by hand or cut off: the configured refresh token still holds.
      }
    },
    async write(tokens) {
      const stored = { version: 1, grant, refreshToken: tokens.refreshToken, ...tokens.session };
      await usable("write", path, () => files.replace(path, `${JSON.stringify(stored)}\n`));
    },
    alone: (signal, work) => withLock(takeLock, runtime, signal, work),
  };
}

/** Identifies a grant without giving it away. */
function toDigest({ clientId, refreshToken }: ConfiguredGrant): string {
  return createHash("sha256")
    .update(JSON.stringify([clientId, refreshToken]))
    .digest("hex");
}

async function usable<Result>(verb: string, path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new ConfigError(`oauth.tokenFile: cannot ${verb} ${path} (${fileErrorCode(error) ?? "unknown reason"})`, {
      hint: "Name a file in a folder that exists and that this user may write.",
    });
  }
}
