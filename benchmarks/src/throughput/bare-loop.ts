/**
 * The least that a script could do and still send only what changed: read with a cursor, hash each row, look the hash up,
 * send in batches, write the new hashes down. It takes acceptance for success, and keeps nothing that would survive a lost
 * reply, a limit or a bad row. It sends by plain requests, or through the vendor's SDK as the engine must.
 */
import { hash } from "node:crypto";
import { Agent, request } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { Personize } from "@personize/sdk";
import { readBare } from "./bare-readers.ts";
import { bareStatement, collectionOf, identity, properties, rowsPerCall } from "./columns.ts";

const [databaseUrl = "", apiUrl = "", key = "", file = "", through = ""] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const mapping = {
  entityType: "contact",
  email: identity,
  runName: "benchmark",
  properties: Object.fromEntries(
    properties.map((name) => [name, { sourceField: name, collectionName: collectionOf(name) }]),
  ),
};

const state = new DatabaseSync(file);
state.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16384");
state.exec(
  "create table if not exists digest (key text not null primary key, digest blob not null) strict, without rowid",
);
const find = state.prepare(
  "select digest.key, digest.digest from json_each(?) as asked join digest on digest.key = asked.value",
);
const keep = state.prepare("insert into digest values (?, ?) on conflict (key) do update set digest = excluded.digest");

const post = through === "sdk" ? createSdkPost() : postPlainly;

let sent = 0;
for await (const rows of readBare(databaseUrl, bareStatement)) sent += await carry(rows);
state.close();
agent.destroy();
process.stdout.write(`${sent}\n`);

async function carry(rows: readonly Record<string, unknown>[]): Promise<number> {
  const read = rows.map((row) => ({
    key: String(row["id"]),
    row,
    digest: hash("sha1", JSON.stringify(row), "buffer"),
  }));
  const known = new Map<unknown, Uint8Array>();
  for (const found of find.all(JSON.stringify(read.map((row) => row.key)))) {
    if (found["digest"] instanceof Uint8Array) known.set(found["key"], found["digest"]);
  }
  const changed = read.filter((row) => !row.digest.equals(known.get(row.key) ?? new Uint8Array()));
  const calls: Promise<void>[] = [];
  for (let first = 0; first < changed.length; first += rowsPerCall)
    calls.push(post(changed.slice(first, first + rowsPerCall).map(({ row }) => row)));
  await Promise.all(calls);
  if (changed.length > 0) {
    state.exec("begin");
    for (const row of changed) keep.run(row.key, row.digest);
    state.exec("commit");
  }
  return changed.length;
}

function toRequest<Row>(rows: Row[]) {
  return { source: "benchmark", mapping, rows, chunkSize: 1 };
}

function createSdkPost(): typeof postPlainly {
  const sdk = new Personize({ secretKey: key, baseURL: apiUrl, maxRetries: 0 });
  let places = 4;
  const waiting: (() => void)[] = [];
  return async (rows) => {
    if (places > 0) places -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      const answer = await sdk.memory.memorizeBatch(toRequest(rows));
      if (!answer.success) throw new Error("not accepted");
    } finally {
      const next = waiting.shift();
      if (next === undefined) places += 1;
      else next();
    }
  };
}

function postPlainly(rows: Record<string, unknown>[]): Promise<void> {
  const body = Buffer.from(JSON.stringify(toRequest(rows)));
  return new Promise((resolve, reject) => {
    const sending = request(
      `${apiUrl}/api/v1/batch-memorize`,
      {
        method: "POST",
        agent,
        headers: {
          Authorization: `Bearer ${key}`,
          "Content-Type": "application/json",
          "Content-Length": body.length,
        },
      },
      (response) => {
        response.resume();
        response.once("end", () =>
          response.statusCode === 202 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
        );
      },
    );
    sending.once("error", reject);
    sending.end(body);
  });
}
