import { spawn } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The pnpm of this repository. */
export const PNPM = fileURLToPath(new URL("../node_modules/.bin/pnpm", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end. Its environment holds nothing of this one's but the path, with this Node in front. */
export function runProgram(
  program: string,
  words: readonly string[],
  options: { readonly folder: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: options.folder,
      env: {
        PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
        HOME: options.folder,
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (data: string) => (out += data));
    child.stderr.setEncoding("utf8").on("data", (data: string) => (err += data));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

/** As {@link runProgram}; rejects with what the program said unless it ends with 0. */
export async function runWell(
  program: string,
  words: readonly string[],
  options: { readonly folder: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const ended = await runProgram(program, words, options);
  if (ended.code === 0) return ended;
  throw new Error(`${program} ${words.join(" ")} ended with ${ended.code}\n${ended.err}\n${ended.out}`);
}
