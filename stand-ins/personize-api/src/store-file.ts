import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { restoreLine } from "./restore.ts";
import { snapshotLines } from "./snapshot.ts";
import type { World } from "./world.ts";

/** The file a store survives in. */
export interface StoreFile {
  /** Takes over what the file holds; a missing or empty file changes nothing. Throws SyntaxError for a damaged one. */
  load(world: World): void;
  /** Replaces the file in one step: a crash leaves the former one. */
  save(world: World): void;
  /** Saves whenever something changed, at most once per interval. Does not keep the process alive. */
  start(world: World): void;
  stop(): void;
}

const CHUNK_BYTES = 1 << 20;

export function createStoreFile(file: string, saveEveryMs: number): StoreFile {
  let timer: NodeJS.Timeout | undefined;
  const save = (world: World) => {
    world.changed = false;
    const unfinished = `${file}.unfinished`;
    const descriptor = openSync(unfinished, "w");
    try {
      let text = "";
      for (const line of snapshotLines(world)) {
        text += `${line}\n`;
        if (text.length < CHUNK_BYTES) continue;
        writeSync(descriptor, text);
        text = "";
      }
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(unfinished, file);
  };
  return {
    load(world) {
      if (!existsSync(file)) return;
      for (const line of readLines(file)) restoreLine(world, line);
    },
    save,
    start(world) {
      if (saveEveryMs === 0) return;
      const arm = (delayMs: number) => {
        timer = setTimeout(() => {
          const startedMs = performance.now();
          if (world.changed) save(world);
          // A large store takes a while to write: spend at most a tenth of the time on it.
          arm(Math.max(saveEveryMs, 10 * (performance.now() - startedMs)));
        }, delayMs);
        timer.unref();
      };
      arm(saveEveryMs);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

function* readLines(file: string): IterableIterator<string> {
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    const decoder = new TextDecoder();
    let rest = "";
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines.filter((line) => line !== "");
    }
    if (rest !== "") yield rest;
  } finally {
    closeSync(descriptor);
  }
}
