import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { describeHolder, isGone } from "./holder.ts";

const deadProcess = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

describe("isGone", () => {
  it("is sure of a dead process of this host only", () => {
    const pid = deadProcess();
    expect(isGone(describeHolder(undefined, pid))).toBe(true);
    expect(isGone(describeHolder("elsewhere", pid))).toBe(false);
    expect(isGone(describeHolder())).toBe(false);
    expect(isGone(describeHolder(undefined, process.ppid))).toBe(false);
    expect(isGone("someone")).toBe(false);
  });

  it("is not sure of a process that was numbered elsewhere: in a container with the same host name, before a restart", () => {
    expect(isGone(`${hostname()}, process ${deadProcess()} (000000)`)).toBe(false);
    expect(isGone(`${hostname()}, process ${deadProcess()}`)).toBe(false);
  });
});

describe("describeHolder", () => {
  const isolated = spawnSync("unshare", ["--pid", "--fork", "true"]).status === 0;

  it.skipIf(!isolated)("tells containers apart that have one host name [needs unshare: root on Linux]", () => {
    const script = `process.stdout.write((await import(${JSON.stringify(`${import.meta.dirname}/holder.ts`)})).describeHolder("host"))`;
    const inContainer = (): string =>
      spawnSync("unshare", ["--pid", "--fork", process.execPath, "--input-type=module", "-e", script], {
        encoding: "utf8",
      }).stdout;
    const [first, second] = [inContainer(), inContainer()];
    expect(first).toMatch(/^host, process 1 \([0-9a-f]{6}\)$/);
    expect(second).not.toBe(describeHolder("host", 1));
    expect(describeHolder()).toBe(describeHolder());
  });
});
