import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstLineOf, startChild, stopChild } from "./child.ts";

export interface PersonizeSide {
  /** For configuration and state. */
  readonly folder: string;
  readonly apiUrl: string;
  stop(): Promise<void>;
}

/** A folder, and the Personize stand-in in a process of its own on a plan without limits. */
export async function startPersonizeSide(key: string): Promise<PersonizeSide> {
  const folder = await mkdtemp(join(tmpdir(), "benchmark-"));
  const nodeOptions = ["--max-old-space-size=8192"];
  const api = startChild(new URL("./personize-process.ts", import.meta.url), [key], { nodeOptions });
  return {
    folder,
    apiUrl: await firstLineOf(api),
    async stop() {
      await stopChild(api);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
