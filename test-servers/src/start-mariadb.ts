import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findFreePort } from "./find-free-port.ts";

export interface MariadbOptions {
  /** Who may do everything, from everywhere, and a first empty database. */
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Further options of the server: `--ssl-ca=…`. */
  readonly settings?: readonly string[];
  /** The operating system's time zone, as the server sees it. */
  readonly systemTimeZone?: string;
}

export interface MariadbServer {
  readonly port: number;
  readonly socketPath: string;
  /** Of the server's user; removed by `stop`. */
  readonly folder: string;
  /** Stops the server process as an administrator would; `resume` goes on with the same data. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

/** As the names of tests that need the server say it. */
const NEED = "[needs MariaDB: apt-get install mariadb-server-core]";

const NOBODY = 65_534;
const READY_TIMEOUT_MS = 60_000;

const find = (program: string): string | null =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/libexec"]
    .map((folder) => join(folder, program))
    .find(existsSync) ?? null;

const DAEMON = find("mariadbd");
const INSTALLER = find("mariadb-install-db");

export const isMariadbInstalled: boolean = DAEMON !== null && INSTALLER !== null;

/** A real MariaDB server with data of its own on a free port. Its data need not survive a power cut. */
export async function startMariadb(options: MariadbOptions): Promise<MariadbServer> {
  if (DAEMON === null || INSTALLER === null) throw new Error(`MariaDB is not installed ${NEED}`);
  const folder = await mkdtemp(join(tmpdir(), "test-mariadb-"));
  const isRoot = process.getuid?.() === 0;
  // The server refuses to run as root.
  const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  // A folder of its own: a server that starts removes every temporary table of its folder, those of its neighbours too.
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  if (isRoot) for (const path of [folder, temporary]) await chown(path, NOBODY, NOBODY);
  await chmod(folder, 0o755);
  const port = await findFreePort();
  const socketPath = join(folder, "s");
  const data = join(folder, "data");
  const daemon = DAEMON;
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });

  const installed = spawnSync(
    INSTALLER,
    [
      "--no-defaults",
      `--datadir=${data}`,
      `--tmpdir=${temporary}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    ],
    { ...identity, cwd: folder, encoding: "utf8" },
  );
  if (installed.status !== 0) {
    await remove();
    throw new Error(`MariaDB's data could not be set up:\n${installed.stdout}${installed.stderr}`);
  }
  const grants = join(folder, "init.sql");
  await writeFile(
    grants,
    `create database if not exists ${options.database};
grant all on *.* to ${options.user}@'%' identified by '${options.password}' with grant option;
grant all on *.* to ${options.user}@localhost identified by '${options.password}' with grant option;
`,
    { mode: 0o644 },
  );
  const words = [
    "--no-defaults",
    `--datadir=${data}`,
    `--tmpdir=${temporary}`,
    `--port=${port}`,
    `--socket=${socketPath}`,
    `--pid-file=${join(folder, "pid")}`,
    `--init-file=${grants}`,
    "--bind-address=127.0.0.1",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=128M",
    "--character-set-server=utf8mb4",
    "--max-connections=200",
    ...(options.settings ?? []),
  ];

  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const started = spawn(daemon, words, {
      ...identity,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...(options.systemTimeZone === undefined ? {} : { TZ: options.systemTimeZone }) },
    });
    child = started;
    await becomesReady(started);
  };
  const halt = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once("close", resolve));
    running.kill(signal);
    await gone;
  };
  // A test that dies must not leave a server behind.
  const last = (): void => void child?.kill("SIGKILL");
  process.once("exit", last);
  const stop = async (): Promise<void> => {
    await halt("SIGKILL");
    process.off("exit", last);
    await remove();
  };

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, socketPath, folder, halt: () => halt("SIGTERM"), resume: start, stop };
}

/** Waits for the line that says so; afterwards the log is read and forgotten. */
function becomesReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const timer = setTimeout(() => fail(`was not ready after ${READY_TIMEOUT_MS / 1000} s`), READY_TIMEOUT_MS);
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`MariaDB ${why}:\n${log.split("\n").slice(-15).join("\n")}`));
    };
    child.once("error", (error) => fail(`could not be started (${error.message})`));
    child.once("close", (code) => fail(`ended with exit code ${code}`));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-20_000);
      // The line comes once for the socket and once for the port.
      if (!log.includes("ready for connections")) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
