import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { describeHolder, isGone } from "./holder.ts";

describe("isGone", () => {
  it("is sure of a dead process of this host only", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    expect(isGone(describeHolder(undefined, pid))).toBe(true);
    expect(isGone(describeHolder("elsewhere", pid))).toBe(false);
    expect(isGone(describeHolder())).toBe(false);
    expect(isGone(describeHolder(undefined, process.ppid))).toBe(false);
    expect(isGone("someone")).toBe(false);
  });

  it("tells processes apart that may share a host's name and a process id", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    expect(describeHolder("build-7", 1, "a1b2")).toBe("build-7, process 1 (a1b2)");
    expect(isGone(describeHolder(undefined, pid, "a1b2"))).toBe(true);
    expect(isGone(describeHolder(undefined, undefined, "a1b2"))).toBe(false);
  });
});
