import type { Files } from "../files.ts";

/** A disk in memory, which several that take themselves for processes can share: nothing on it takes time. */
export interface MemoryFiles extends Files {
  readonly texts: Map<string, string>;
  /** What goes wrong with the next writes; null: nothing. */
  writeError: Error | null;
}

export function createMemoryFiles(): MemoryFiles {
  const texts = new Map<string, string>();
  const holders = new Map<string, { renewals: number; readonly number: number }>();
  let taken = 0;
  const files: MemoryFiles = {
    texts,
    writeError: null,
    read: async (path) => texts.get(path) ?? null,
    async replace(path, text) {
      if (files.writeError !== null) throw files.writeError;
      texts.set(path, text);
    },
    async takeLock(path) {
      const known = holders.get(path);
      const holder = known ?? { renewals: 0, number: (taken += 1) };
      holders.set(path, holder);
      return {
        isOurs: known === undefined,
        version: `${holder.number} ${holder.renewals}`,
        async renew() {
          holder.renewals += 1;
        },
        async end() {
          if (holders.get(path) === holder) holders.delete(path);
        },
      };
    },
  };
  return files;
}
