import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** What a runner's log tells. */
export interface RunnerLog {
  /** Resolves with its address once it is up. */
  readonly up: Promise<string>;
  /** Runs that began, by sync. */
  readonly began: ReadonlyMap<string, readonly Began[]>;
  /** Runs that ended with another exit code than 0 and 4. */
  failures(): number;
}

export interface Began {
  readonly at: number;
  readonly trigger: string;
  /** How much later than it was due. */
  readonly lateMs: number;
}

export function followLog(child: ChildProcess): RunnerLog {
  const began = new Map<string, Began[]>();
  let failures = 0;
  const up = new Promise<string>((resolve, reject) => {
    child.once("close", (code) => reject(new Error(`the runner ended with exit code ${code}`)));
    if (child.stderr === null) throw new Error("the runner's log is not to be had");
    createInterface({ input: child.stderr }).on("line", (line) => {
      const entry = readEntry(line);
      if (entry === null) return;
      const { msg, sync = "", time, trigger = "", lateMs = 0, exitCode, address } = entry;
      if (msg === "the runner is up" && address !== undefined) resolve(address);
      if (msg === "run began") began.set(sync, [...(began.get(sync) ?? []), { at: Date.parse(time), trigger, lateMs }]);
      if (msg.startsWith("run ended") && exitCode !== undefined && exitCode !== 0 && exitCode !== 4) failures += 1;
    });
  });
  return { up, began, failures: () => failures };
}

interface Entry {
  readonly msg: string;
  readonly time: string;
  readonly sync?: string;
  readonly trigger?: string;
  readonly lateMs?: number;
  readonly exitCode?: number;
  readonly address?: string;
}

function readEntry(line: string): Entry | null {
  return line.startsWith("{") ? JSON.parse(line) : null;
}

/** Asks for pages one after the other until it is stopped, as people who look would; how long each took, in milliseconds. */
export async function loadPages(url: string, paths: readonly string[], everyMs: number, signal: AbortSignal) {
  const tookMs: number[] = [];
  for (let at = 0; !signal.aborted; at += 1) {
    const startedAt = performance.now();
    const response = await fetch(`${url}${paths[at % paths.length]}`);
    await response.text();
    if (!response.ok) throw new Error(`${paths[at % paths.length]} answered ${response.status}`);
    tookMs.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return tookMs;
}
