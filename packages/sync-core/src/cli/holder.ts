import { hostname } from "node:os";

/**
 * Who holds a claim, in words that {@link isGone} can read again: `build-7, process 4711`.
 * @param instance tells processes apart that may share a host's name and a process id, as containers do; absent: nothing.
 */
export function describeHolder(
  host: string = hostname(),
  processId: number = process.pid,
  instance: string | null = null,
): string {
  return `${host}, process ${processId}${instance === null ? "" : ` (${instance})`}`;
}

/**
 * True when `holder` was a process of this host that no longer exists. False when unsure: another host, a form we do not know,
 * or our own process id, which a process that ended may have had before us.
 */
export function isGone(holder: string): boolean {
  const parts = /^(.*), process (\d+)(?: \(\w+\))?$/.exec(holder);
  if (parts === null || parts[1] !== hostname() || Number(parts[2]) === process.pid) return false;
  try {
    process.kill(Number(parts[2]), 0);
    return false;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
