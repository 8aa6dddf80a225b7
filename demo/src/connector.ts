import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

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

/** @param name of the package without its scope, which is what people type. */
export function createConnector(
  name: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Connector {
  const bin = fileURLToPath(new URL(`../../packages/${name}/dist/bin.js`, import.meta.url));
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
      process.stdout.write(`\n$ ${name} ${words.map(quote).join(" ")}\n`);
      return run(words, false);
    },
    ask: (...words) => run([...words, "--json"], true),
    stop: () => {
      for (const child of running) child.kill("SIGKILL");
    },
  };
}

function quote(word: string): string {
  return /^[\w./:=,-]+$/.test(word) ? word : `'${word}'`;
}
