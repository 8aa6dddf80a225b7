import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

export interface SpawnedProgram {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
  readonly errors: () => string;
}

/** Runs the file `bin` from its source in a process of its own, which ends with the test at the latest. */
export function spawnProgram(bin: string, ...args: readonly string[]): SpawnedProgram {
  const child = spawn(process.execPath, ["--conditions=@acme/source", bin, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    if (child.exitCode === null) child.kill("SIGKILL");
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return { process: child, output: () => output, errors: () => errors };
}

export async function exitCode({ process: child }: SpawnedProgram): Promise<unknown> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = await once(child, "exit");
  return code;
}
