import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Found, SearchOptions, Summary } from "./search.ts";

export interface ProcessOptions extends SearchOptions {
  readonly engine: string | null;
  readonly source: string | null;
  /** How long it may take, in milliseconds; null: as long as it likes. */
  readonly timeoutMs: number | null;
}

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/**
 * Searches in a process of its own, so that two cores can work and a bug that never ends can be ended.
 * @throws Error when the process failed or took too long.
 */
export async function searchInProcess(options: ProcessOptions): Promise<Summary> {
  const words = ["--json", "--workers", "1", "--from", String(options.from), "--seeds", String(options.seeds)];
  if (options.stopAtFirst) words.push("--stop-at-first");
  if (options.engine !== null) words.push("--engine", options.engine);
  if (options.source !== null) words.push("--source", options.source);
  const child = spawn(process.execPath, ["--conditions=@acme/source", main, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.timeoutMs === null ? {} : { timeout: options.timeoutMs, killSignal: "SIGKILL" }),
  });
  const said: string[] = [];
  child.stderr.on("data", (data: Buffer) => void said.push(data.toString()));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  let summary: Summary | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const message: { found?: Found; summary?: Summary } = JSON.parse(line);
    if (message.found !== undefined) options.onFound(message.found);
    if (message.summary !== undefined) summary = message.summary;
  }
  const { code, signal } = await ended;
  if (summary === null)
    throw new Error(
      `The search ended ${signal === null ? `with code ${code}` : `by ${signal}`}: ${said.join("").slice(0, 2000)}`,
    );
  return summary;
}
