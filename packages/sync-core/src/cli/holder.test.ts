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
});
