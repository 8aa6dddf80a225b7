import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat } from "node:fs/promises";

/** The few things that are done with files. All throw what the file system says. */
export interface Files {
  /** null: there is none. */
  read(path: string): Promise<string | null>;
  /** Replaces a file as a whole, or makes it; readable by its owner only, and on the disk when this resolves. */
  replace(path: string, text: string): Promise<void>;
  /** Makes an empty file. False when there is one already: of several that try, one succeeds. */
  create(path: string): Promise<boolean>;
  remove(path: string): Promise<void>;
  /** Time since it was written, by the file system's own clock on both sides; null: there is none. */
  ageMs(path: string): Promise<number | null>;
}

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

  async create(path) {
    try {
      await (await open(path, "wx", 0o600)).close();
      return true;
    } catch (error) {
      if (fileErrorCode(error) === "EEXIST") return false;
      throw error;
    }
  },

  remove: (path) => rm(path, { force: true }),

  async ageMs(path) {
    try {
      return Date.now() - (await stat(path)).mtimeMs;
    } catch (error) {
      if (fileErrorCode(error) === "ENOENT") return null;
      throw error;
    }
  },
};

export function fileErrorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
