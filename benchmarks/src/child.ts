import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const running = new Set<ChildProcess>();

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** A Node process whose output goes to a pipe and whose complaints go where ours go. */
export function startChild(file: URL, args: readonly string[], options: ChildOptions = {}): ChildProcess {
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), fileURLToPath(file), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Its exit code once it is gone; 128 when a signal ended it. */
export function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 128));
  });
}

/** Everything that the process prints, once it is gone. @throws Error when it fails. */
export async function outputOf(child: ChildProcess): Promise<string> {
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await exitOf(child);
  if (code !== 0) throw new Error(`${child.spawnargs.slice(1, 3).join(" ")} ended with exit code ${code}`);
  return Buffer.concat(output).toString();
}

/** The first line that the process prints. @throws Error when it ends before. */
export function firstLineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once("close", (code) => reject(new Error(`a process ended early, with exit code ${code}`)));
  });
}

/** Asks a process to end, and waits; after ten seconds it is not asked any more. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = exitOf(child);
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(timer);
}

/** Ends everything that was started here and still runs. */
export async function stopChildren(): Promise<void> {
  await Promise.all([...running].map(stopChild));
}
