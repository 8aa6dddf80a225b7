import type { Source } from "@acme/sync-core";
import { runtime, startMariadb } from "@acme/test-servers";
import mysql, { type Connection, type ConnectionOptions } from "mysql2/promise";
import { type MysqlConfig, mysqlConfig } from "../config.ts";
import { createMysqlSource } from "../source.ts";

export {
  findFreePort,
  isMariadbInstalled,
  MARIADB_NEED,
  narrow,
  never,
  onlyStream,
  readAll,
  runtime,
} from "@acme/test-servers";

/** A row of an answer, as the driver converts it. */
export type AdminRow = Readonly<Record<string, unknown>>;

export interface Admin {
  readonly connection: Connection;
  /** Runs one or more statements; the rows of the last one. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly AdminRow[]>;
  end(): Promise<void>;
}

/** A MariaDB server of one test file: own data folder, own port, gone afterwards. */
export interface TestServer {
  readonly port: number;
  readonly folder: string;
  readonly socketPath: string;
  /** A connection that may do everything, in UTC. Closed with the server. */
  connect(options?: ConnectionOptions): Promise<Admin>;
  /** The options of a source, checked as a configuration would be. */
  config(options: Record<string, unknown>): MysqlConfig;
  source(options: Record<string, unknown>): Source;
  /** Closes every connection made so far, of sources and others. After each test. */
  release(): Promise<void>;
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export const ROOT = { user: "owner", password: "secret-of-owner" } as const;

export async function startServer(settings: readonly string[] = [], systemTimeZone = "UTC"): Promise<TestServer> {
  const server = await startMariadb({ ...ROOT, database: "shop", settings, systemTimeZone });
  const { port, folder, socketPath } = server;
  const admins = new Set<Admin>();
  const sources = new Set<Source>();
  const config = (options: Record<string, unknown>): MysqlConfig => {
    const connection =
      "url" in options || ("host" in options && "user" in options)
        ? {}
        : { host: "127.0.0.1", port, database: "shop", sslmode: "disable", ...ROOT };
    return mysqlConfig.parse({ ...connection, ...options });
  };
  const release = async (): Promise<void> => {
    await Promise.allSettled([...sources].map((source) => source.close()));
    await Promise.allSettled([...admins].map((admin) => admin.end()));
    sources.clear();
    admins.clear();
  };
  return {
    port,
    folder,
    socketPath,
    config,
    release,
    async connect(options = {}) {
      const connection = await mysql.createConnection({
        host: "127.0.0.1",
        port,
        database: "shop",
        ...ROOT,
        multipleStatements: true,
        dateStrings: true,
        supportBigNumbers: true,
        bigNumberStrings: true,
        timezone: "Z",
        ...options,
      });
      connection.on("error", () => undefined);
      const admin: Admin = {
        connection,
        async query(sql, values = []) {
          const [result] = await connection.query(sql, [...values]);
          if (!Array.isArray(result)) return [];
          const last: unknown = Array.isArray(result[0]) || isHeader(result[0]) ? result.at(-1) : result;
          return Array.isArray(last) ? last : [];
        },
        end: () => connection.end(),
      };
      await admin.query("set time_zone = '+00:00'");
      admins.add(admin);
      return admin;
    },
    source(options) {
      const source = createMysqlSource(config(options), runtime);
      sources.add(source);
      return source;
    },
    halt: () => server.halt(),
    resume: () => server.resume(),
    async stop() {
      await release();
      await server.stop();
    },
  };
}

function isHeader(value: unknown): boolean {
  return typeof value === "object" && value !== null && "affectedRows" in value;
}
