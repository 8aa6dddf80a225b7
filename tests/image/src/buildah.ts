import { spawn } from "node:child_process";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Images that are made and run without a daemon and without a kernel's help: plain folders, and chroot in place of a container. */
const environment = { ...process.env, STORAGE_DRIVER: "vfs", BUILDAH_ISOLATION: "chroot" };

export function run(program: string, words: readonly string[], folder = process.cwd()): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (data: string) => (out += data));
    child.stderr.setEncoding("utf8").on("data", (data: string) => (err += data));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

/** As {@link run}; rejects with what the program said unless it ends with 0. @returns what it printed. */
export async function runWell(program: string, words: readonly string[], folder = process.cwd()): Promise<string> {
  const { code, out, err } = await run(program, words, folder);
  if (code === 0) return out.trim();
  throw new Error(`${program} ${words.join(" ")} ended with ${code}\n${err.slice(-4000)}\n${out.slice(-2000)}`);
}
