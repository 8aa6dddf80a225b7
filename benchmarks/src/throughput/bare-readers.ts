import mysql from "mysql2";
import { Client } from "pg";
import Cursor from "pg-cursor";

type Rows = readonly Record<string, unknown>[];

const ROWS_A_PAGE = 1000;

/** The least that a script could do to read a statement's rows without holding all of them. */
export function readBare(url: string, statement: string): AsyncIterable<Rows> {
  return url.startsWith("mysql:") ? readMysql(url, statement) : readPostgres(url, statement);
}

async function* readPostgres(url: string, statement: string): AsyncGenerator<Rows> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const cursor = client.query(new Cursor(statement));
  for (;;) {
    const rows: Record<string, unknown>[] = await cursor.read(ROWS_A_PAGE);
    if (rows.length === 0) break;
    yield rows;
  }
  await cursor.close();
  await client.end();
}

async function* readMysql(url: string, statement: string): AsyncGenerator<Rows> {
  const connection = mysql.createConnection(url);
  let rows: Record<string, unknown>[] = [];
  for await (const row of connection.query(statement).stream({ highWaterMark: ROWS_A_PAGE })) {
    rows.push(row);
    if (rows.length < ROWS_A_PAGE) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
  connection.end();
}
