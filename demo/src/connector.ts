import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../packages/connector-postgres/dist/bin.js", import.meta.url));

export interface Invocation {
  readonly exitCode: number;
  /** What it printed, where that was not shown. */
  readonly output: string;
}

export interface Connector {
  /** Runs the connector's own command line, as a user would type it, with its output on this terminal. */
  show(...words: readonly string[]): Promise<Invocation>;
  /** The same with `--json`, kept instead of shown. */
  ask(...words: readonly string[]): Promise<Invocation>;
  /** Ends what is still running. */
  stop(): void;
}

export function createConnector(folder: string, environment: Readonly<Record<string, string>>): Connector {
  const running = new Set<ReturnType<typeof spawn>>();

  async function run(words: readonly string[], captured: boolean): Promise<Invocation> {
    const child = spawn(process.execPath, [bin, ...words], {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ["ignore", captured ? "pipe" : "inherit", "inherit"],
    });
    running.add(child);
    const output: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
    });
    running.delete(child);
    return { exitCode, output: Buffer.concat(output).toString() };
  }

  return {
    show: (...words) => {
      process.stdout.write(`\n$ connector-postgres ${words.join(" ")}\n`);
      return run(words, false);
    },
    ask: (...words) => run([...words, "--json"], true),
    stop: () => {
      for (const child of running) child.kill("SIGKILL");
    },
  };
}
