import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built program, as it is installed. */
export const BIN = fileURLToPath(new URL("../../../packages/connector-postgres/dist/bin.js", import.meta.url));
export const MYSQL_BIN = fileURLToPath(new URL("../../../packages/connector-mysql/dist/bin.js", import.meta.url));
export const RUNNER_BIN = fileURLToPath(new URL("../../../apps/runner/dist/bin.js", import.meta.url));

/** The same few programs are started hundreds of times: Node compiles each of their files once. */
const COMPILE_CACHE = fileURLToPath(new URL("../../../node_modules/.cache/node-compile", import.meta.url));

export interface Ended {
  /** null: a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  readonly tookMs: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when `text` has shown up on either output, or the process has ended. */
  readonly said: (text: string | RegExp) => Promise<void>;
  /** What it has written so far. */
  readonly shown: () => { readonly out: string; readonly err: string };
}

export interface CommandLineOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Absent: {@link BIN}. */
  readonly bin?: string;
  /** Texts that may stand in no output. */
  readonly secrets: readonly string[];
  /** Texts of rows: only `sync --dry-run` may show them. */
  readonly contents: readonly string[];
}

const running = new Set<ChildProcess>();

/** Ends every process that is still there. */
export async function endProcesses(): Promise<void> {
  const ended = [...running].map((child) => new Promise((resolve) => child.once("close", resolve)));
  for (const child of running) child.kill("SIGKILL");
  await Promise.all(ended);
}

/** How many processes are still there. */
export function processCount(): number {
  return running.size;
}

/**
 * Starts the built command line as a process. `ended` rejects when an output holds a secret, or the contents of a row where
 * nobody asked for them, so that every test checks that.
 */
export function startCommand(
  options: CommandLineOptions,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Running {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [options.bin ?? BIN, ...words], {
    cwd: options.folder,
    // Not the test's own environment: settings of the machine would come along.
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: options.folder,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...options.env,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let out = "";
  let err = "";
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    out += data;
    heard();
  });
  child.stderr.setEncoding("utf8").on("data", (data: string) => {
    err += data;
    heard();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      running.delete(child);
      heard();
      const shown = out + err;
      for (const secret of options.secrets) {
        if (shown.includes(secret)) reject(new Error(`${words.join(" ")} shows a secret:\n${shown}`));
      }
      if (!words.includes("--dry-run")) {
        for (const content of options.contents) {
          if (shown.includes(content)) reject(new Error(`${words.join(" ")} shows the contents of a row:\n${shown}`));
        }
      }
      resolve({ code, signal, out, err, tookMs: performance.now() - startedAt });
    });
  });
  const said = async (text: string | RegExp): Promise<void> => {
    const isThere = (): boolean => (typeof text === "string" ? (out + err).includes(text) : text.test(out + err));
    if (isThere() || !running.has(child)) return;
    await new Promise<void>((resolve) => {
      const listener = (): void => {
        if (!isThere() && running.has(child)) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
    });
  };
  return { child, ended, said, shown: () => ({ out, err }) };
}
