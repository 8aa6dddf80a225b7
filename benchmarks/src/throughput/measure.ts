import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { outputOf } from "../child.ts";

export interface Measured {
  readonly output: string;
  readonly seconds: number;
  /** Of processor time, user and system together; null where the system does not tell. */
  readonly cpuSeconds: number | null;
  /** The most memory that was resident at once; null where the system does not tell. */
  readonly peakMegabytes: number | null;
}

const LOOK_EVERY_MS = 100;
/** What Linux counts processor time in. */
const TICKS_PER_SECOND = 100;

/** From start to end of a process, as a user would wait for it. Memory and processor time are read from Linux's /proc. */
export async function measure(start: () => ChildProcess): Promise<Measured> {
  const startedAt = performance.now();
  const child = start();
  let cpuSeconds: number | null = null;
  let peakMegabytes: number | null = null;
  const timer = setInterval(() => {
    cpuSeconds = readCpuSeconds(child.pid) ?? cpuSeconds;
    peakMegabytes = readPeakMegabytes(child.pid) ?? peakMegabytes;
  }, LOOK_EVERY_MS);
  try {
    const output = await outputOf(child);
    return { output, seconds: (performance.now() - startedAt) / 1000, cpuSeconds, peakMegabytes };
  } finally {
    clearInterval(timer);
  }
}

/** null where the system does not tell. */
export function readPeakMegabytes(pid: number | undefined): number | null {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readProcess(pid, "status"))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

function readCpuSeconds(pid: number | undefined): number | null {
  // The second field is a name in brackets that may hold spaces.
  const fields = readProcess(pid, "stat")
    .replace(/^.*\) /s, "")
    .split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks > 0 ? ticks / TICKS_PER_SECOND : null;
}

function readProcess(pid: number | undefined, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has just ended, or this is not Linux.
    return "";
  }
}
