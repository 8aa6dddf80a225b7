import type { Running } from "../support/command-line.ts";
import type { World } from "../support/world.ts";

export const TOKEN = "a-token-only-for-tests-7Kq2w";

/** `runner serve` of a world, up and answering. */
export interface Served {
  readonly url: string;
  readonly process: Running;
  /** As somebody who has the token. */
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** run, retry, pause, resume, cancel; answers what the page would say of it. */
  act(sync: string, action: string): Promise<string>;
  /** Log lines so far, as they were written. */
  log(): readonly LogLine[];
  /** SIGTERM, and to the end. */
  stop(): ReturnType<World["run"]>;
}

export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly sync?: string;
  readonly runId?: string;
  readonly batchId?: string;
  readonly [name: string]: unknown;
}

/** The configuration has to say `runner: { port: 0, token: TOKEN }`. Throws with what was said when it does not come up. */
export async function serve(world: World, env: Readonly<Record<string, string | undefined>> = {}): Promise<Served> {
  const process = world.startRunner(["serve"], env);
  await process.said("the runner is up");
  const { out, err } = process.shown();
  const url = /Page: (\S+)/.exec(out)?.[1];
  if (url === undefined) throw new Error(`the runner did not come up:\n${out}${err}`);
  const headers = { Authorization: `Bearer ${TOKEN}` };
  return {
    url,
    process,
    async get(path) {
      const response = await fetch(`${url}${path}`, { headers, redirect: "manual" });
      return { status: response.status, text: await response.text() };
    },
    async act(sync, action) {
      const response = await fetch(`${url}/syncs/${sync}/${action}`, { method: "POST", headers, redirect: "manual" });
      await response.body?.cancel();
      return /said=(\S+)/.exec(response.headers.get("location") ?? "")?.[1] ?? `status ${response.status}`;
    },
    log: () => readLog(process.shown().err),
    stop() {
      process.child.kill("SIGTERM");
      return process.ended;
    },
  };
}

/** The lines that are JSON; people are spoken to in between. */
export function readLog(text: string): readonly LogLine[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

/** What the metrics say; null: no such line. */
export async function metric(served: Served, line: string): Promise<number | null> {
  const { text } = await served.get("/metrics");
  const found = text.split("\n").find((each) => each.startsWith(`${line} `));
  return found === undefined ? null : Number(found.slice(line.length));
}
