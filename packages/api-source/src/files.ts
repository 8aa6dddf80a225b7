import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A lock as one look found it. */
export interface Lock {
  /** False: somebody else holds it. */
  readonly isOurs: boolean;
  /** Another text for every holder, and for each time that it was renewed. */
  readonly version: string;
  /** Shows others that its holder lives. Without effect once it has been ended. */
  renew(): Promise<void>;
  /** Ends this holding of the lock, and no later one, whoever asks and however late. */
  end(): Promise<void>;
}

/** The few things that are done with files. All throw what the file system says. */
export interface Files {
  /** null: there is none. */
  read(path: string): Promise<string | null>;
  /** Replaces a file as a whole, or makes it; readable by its owner only, and on the disk when this resolves. */
  replace(path: string, text: string): Promise<void>;
  /** Takes a lock where nobody holds it: of several that try, one gets it. */
  takeLock(path: string): Promise<Lock>;
}

/**
 * A lock is a folder that holds one file, named after its holder. Moving such a folder to the lock's place succeeds where there is none,
 * or an empty one; and who ends a holding removes the file of that name, so that nobody ends what somebody else has taken meanwhile.
 */
export const diskFiles: Files = {
  async read(path) {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      if (fileErrorCode(error) === "ENOENT") return null;
      throw error;
    }
  },

  async replace(path, text) {
    const beside = `${path}.${randomUUID()}.tmp`;
    try {
      const handle = await open(beside, "wx", 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  },

  async takeLock(path) {
    for (;;) {
      const held = await findHolder(path);
      if (held !== null) return toLock(path, held, false);
      const holder = randomUUID();
      if (await moveIn(path, holder)) return toLock(path, join(path, holder), true);
    }
  },
};

/** The file that stands for whoever holds the lock; null: nobody does. */
async function findHolder(path: string): Promise<string | null> {
  try {
    const [holder] = await readdir(path);
    return holder === undefined ? null : join(path, holder);
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === "ENOENT") return null;
    // A lock may also be a plain file, whose holder has no name.
    if (code === "ENOTDIR") return path;
    throw error;
  }
}

/** False: somebody was quicker. */
async function moveIn(path: string, holder: string): Promise<boolean> {
  const beside = `${path}.${holder}.tmp`;
  try {
    await mkdir(beside, { mode: 0o700 });
    await writeFile(join(beside, holder), "", { mode: 0o600 });
    await rename(beside, path);
    return true;
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (!isOccupied(error)) throw error;
    // Where an empty folder cannot be replaced it is in the way.
    await ignoring(["ENOENT", "ENOTDIR", "ENOTEMPTY", "EEXIST"], rmdir(path));
    return false;
  }
}

/** Windows says EPERM of a folder that is there. */
function isOccupied(error: unknown): boolean {
  const code = fileErrorCode(error) ?? "";
  return ["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(code) || (process.platform === "win32" && code === "EPERM");
}

async function toLock(path: string, file: string, isOurs: boolean): Promise<Lock> {
  return {
    isOurs,
    version: `${file} ${await modifiedMs(file)}`,
    async renew() {
      const now = new Date();
      await ignoring(["ENOENT"], utimes(file, now, now));
    },
    async end() {
      // EISDIR: it was a plain file, and somebody has taken the lock since.
      await ignoring(["ENOENT", "EISDIR"], unlink(file));
      await ignoring(["ENOENT", "ENOTDIR", "ENOTEMPTY", "EEXIST"], rmdir(path));
    },
  };
}

async function modifiedMs(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return null;
    throw error;
  }
}

async function ignoring(codes: readonly string[], work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!codes.includes(fileErrorCode(error) ?? "")) throw error;
  }
}

export function fileErrorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
