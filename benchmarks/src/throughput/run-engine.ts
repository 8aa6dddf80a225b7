import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startChild } from "../child.ts";
import { collectionOf, identity, properties, rowsPerCall } from "./columns.ts";
import type { Database } from "./database.ts";
import { type Measured, measure } from "./measure.ts";

type From = Pick<Database, "connector" | "url" | "table">;

export interface EngineSetup {
  readonly folder: string;
  readonly database: From;
  readonly apiUrl: string;
  readonly key: string;
}

/** A user's configuration: everything not said here is as it comes. */
export async function writeConfig({ folder, database, apiUrl, key }: EngineSetup): Promise<void> {
  const config = {
    personize: { secretKey: key, baseUrl: apiUrl, maxRowsPerCall: rowsPerCall },
    syncs: {
      customers: {
        connector: database.connector,
        source: { url: database.url, table: database.table, cursor: "updated_at" },
        mapping: {
          entityType: "contact",
          email: identity,
          properties: Object.fromEntries(
            properties.map((name) => [
              name,
              { sourceField: name, collectionName: collectionOf(name), extractMemories: false },
            ]),
          ),
        },
      },
    },
  };
  await writeFile(join(folder, "sync.config.json"), JSON.stringify(config));
}

export interface EngineRun extends Measured {
  readonly rows: Readonly<Record<"read" | "unchanged" | "landed", number>>;
}

/** The connector's own command line: `sync --full`. */
export async function runEngine(
  connector: From["connector"],
  folder: string,
  nodeOptions: readonly string[],
): Promise<EngineRun> {
  const bin = new URL(`../../../packages/connector-${connector}/dist/bin.js`, import.meta.url);
  const words = ["sync", "--full", "--json", "--quiet"];
  const measured = await measure(() => startChild(bin, words, { cwd: folder, nodeOptions }));
  const document: { syncs: readonly { receipt: EngineRun }[] } = JSON.parse(measured.output);
  const rows = document.syncs[0]?.receipt.rows;
  if (rows === undefined) throw new Error("the engine left no receipt");
  return { ...measured, rows };
}
