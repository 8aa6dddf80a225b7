import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "@acme/test-servers";
import { runWell } from "./run-program.ts";

/** A package registry on loopback: ours are published to it, all others come through it from the one that this machine uses. */
export interface Registry {
  /** With a slash at the end. */
  readonly url: string;
  /** Publishes a tarball, as anybody. */
  publish(tarball: string): Promise<void>;
  /** An empty folder whose npm and pnpm know this registry and no other, with caches of their own. */
  createFolder(name: string): Promise<string>;
  close(): Promise<void>;
}

const STARTS_WITHIN_MS = 60_000;

export async function startRegistry(): Promise<Registry> {
  const home = await mkdtemp(join(tmpdir(), "sync-registry-"));
  const upstream = (await runWell("npm", ["config", "get", "registry"], { folder: home })).out.trim();
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}/`;
  await writeFile(join(home, "config.yaml"), describe(home, upstream));
  const manifest = createRequire(import.meta.url).resolve("verdaccio/package.json");
  const log: string[] = [];
  const server = spawn(
    process.execPath,
    [join(dirname(manifest), "bin/verdaccio"), "--config", join(home, "config.yaml"), "--listen", `127.0.0.1:${port}`],
    { cwd: home, stdio: ["ignore", "pipe", "pipe"] },
  );
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding("utf8").on("data", (data: string) => void log.push(data));
  }
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const close = async (): Promise<void> => {
    server.kill("SIGKILL");
    await ended;
    await rm(home, { recursive: true, force: true });
  };

  const createFolder = async (name: string): Promise<string> => {
    const folder = join(home, "folders", name);
    await mkdir(folder, { recursive: true });
    const settings = [
      `registry=${url}`,
      // npm refuses to publish without a token; the registry takes any.
      `//127.0.0.1:${port}/:_authToken=anybody`,
      `cache=${join(home, "npm-cache")}`,
      `store-dir=${join(home, "pnpm-store")}`,
      "audit=false",
      "fund=false",
      "update-notifier=false",
    ];
    await writeFile(join(folder, ".npmrc"), `${settings.join("\n")}\n`);
    return folder;
  };

  try {
    await untilAnswers(url, () => server.exitCode !== null);
  } catch (error) {
    await close();
    throw new Error(`the registry did not start:\n${log.join("").slice(-2000)}`, { cause: error });
  }
  const publisher = await createFolder("publisher");
  return {
    url,
    async publish(tarball) {
      await runWell("npm", ["publish", tarball, "--access", "public", "--provenance=false"], { folder: publisher });
    },
    createFolder,
    close,
  };
}

/** What the registry may do: keep ours, and pass everything else through. */
function describe(home: string, upstream: string): string {
  const scopes = ["@acme/*", "@personize/*"].map((scope) => ({ [scope]: { access: "$all", publish: "$all" } }));
  // JSON is YAML.
  return JSON.stringify({
    storage: join(home, "storage"),
    auth: { htpasswd: { file: join(home, "htpasswd"), max_users: -1 } },
    uplinks: { upstream: { url: upstream, maxage: "60m", timeout: "60s" } },
    packages: Object.assign({}, ...scopes, { "**": { access: "$all", proxy: "upstream" } }),
    max_body_size: "50mb",
    log: { type: "stdout", format: "json", level: "warn" },
  });
}

async function untilAnswers(url: string, isGone: () => boolean): Promise<void> {
  const until = Date.now() + STARTS_WITHIN_MS;
  for (;;) {
    try {
      await fetch(`${url}-/ping`);
      return;
    } catch (error) {
      if (isGone() || Date.now() > until) throw error;
      await sleep(50);
    }
  }
}
