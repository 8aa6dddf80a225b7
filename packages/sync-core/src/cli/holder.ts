import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Who holds a claim, in words that {@link isGone} can read again: `build-7, process 4711 (3fa90c)`. Two processes that live at the
 * same time never have the same words, also in containers, whose processes all have the number 1 and may have the same host name.
 */
export function describeHolder(host: string = hostname(), processId: number = process.pid): string {
  return `${host}, process ${processId} (${numbering()})`;
}

/**
 * True when `holder` was a process of this host that no longer exists. False when unsure: another host or container, a form we do
 * not know, or our own process id, which a process that ended may have had before us.
 */
export function isGone(holder: string): boolean {
  const parts = /^(.*), process (\d+) \(([0-9a-f]+)\)$/.exec(holder);
  if (parts === null || parts[1] !== hostname() || parts[3] !== numbering() || Number(parts[2]) === process.pid)
    return false;
  try {
    process.kill(Number(parts[2]), 0);
    return false;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/** Stands for the place in which process ids mean the same: this boot of this machine and, on Linux, this container. */
function numbering(): string {
  const parts = [
    () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"),
    () => readlinkSync("/proc/self/ns/pid"),
  ].map((read) => {
    try {
      return read();
    } catch {
      return ""; // Not on Linux: the host's name has to do.
    }
  });
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 6);
}
