import type { SourceHarness } from "@acme/sync-core/testing";
import type { Client } from "pg";
import { findFreePort, ROOT, type TestServer } from "./server.ts";

export interface Shape {
  /** The option `cursor`; null: compared in full. */
  readonly cursor: "updated_at" | "seq" | null;
  /** Whether the table is read through the option `query`. */
  readonly throughQuery: boolean;
}

const WRONG_PASSWORD = "wrong-password-of-nobody";
let worlds = 0;

/** A new table on a real server, with a key of two columns and a column of every kind of value. */
export async function createPostgresHarness(server: TestServer, shape: Shape): Promise<SourceHarness> {
  worlds += 1;
  const table = `world_${worlds}`;
  const applicationName = `sources of ${table}`;
  const nowhere = await findFreePort();
  const admin = await server.connect();
  const others: Client[] = [];
  await admin.query(`create table ${table} (
    tenant text not null, id bigserial, note text, updated_at timestamptz default now(), seq bigserial,
    amount numeric, born date, active boolean, visits int, tags text[], data jsonb, uid uuid, photo bytea, local timestamp,
    primary key (tenant, id)); alter table ${table} alter seq drop not null`);

  const insert = async (client: Client, texts: readonly (string | null)[]): Promise<string[]> => {
    const { rows } = await client.query<{ tenant: string; id: string }>(
      `insert into ${table} (tenant, note) select 'tenant ' || place % 3, note
       from unnest($1::text[]) with ordinality as given (note, place) order by place returning tenant, id::text`,
      [texts],
    );
    return rows.map(({ tenant, id }) => JSON.stringify([tenant, id]));
  };
  const change = (key: string, assignments: string, values: readonly string[] = []): Promise<unknown> =>
    admin.query(
      `update ${table} set ${assignments} where array[tenant, id::text] = (select array_agg(value order by place)
       from json_array_elements_text($1::json) with ordinality as parts (value, place))`,
      [key, ...values],
    );

  return {
    textField: "note",
    secrets: [ROOT.password, WRONG_PASSWORD],
    open({ pageRows, fault }) {
      const from = fault === "stream" ? `${table}_that_is_gone` : table;
      return server.source({
        applicationName,
        pageRows,
        ...(shape.throughQuery
          ? { query: `select * from ${from} where tenant <> 'nobody' -- all`, key: ["tenant", "id"] }
          : { table: from }),
        ...(shape.cursor === null ? {} : { cursor: shape.cursor }),
        ...(fault === "credentials" ? { password: WRONG_PASSWORD } : {}),
        ...(fault === "address" ? { port: nowhere } : {}),
      });
    },
    insert: (texts) => insert(admin, texts),
    async update(key, text) {
      await change(key, "note = $2, updated_at = default, seq = default", [text]);
    },
    async remove(key) {
      await admin.query(
        `delete from ${table} where array[tenant, id::text] = (select array_agg(value order by place)
         from json_array_elements_text($1::json) with ordinality as parts (value, place))`,
        [key],
      );
    },
    async clearCursor(key) {
      await change(key, `${shape.cursor ?? "seq"} = null`);
    },
    async beginLate(text) {
      const client = await server.connect();
      others.push(client);
      await client.query("begin");
      const [key = ""] = await insert(client, [text]);
      return {
        async commit() {
          await client.query("commit");
          return key;
        },
      };
    },
    async insertEveryType() {
      await admin.query(`insert into ${table} values ('t', 7, 'every type', '2024-01-01 12:00:00.123456+00', 900719925474099234,
        12345678901234567890.10, '2024-02-29', false, -7, array['a', null, 'b,c'], '{"deep": [{"er": null}]}',
        'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '\\x00ff', '2024-01-01 12:00:00.5')`);
      return {
        key: '["t","7"]',
        fields: {
          tenant: "t",
          id: "7",
          note: "every type",
          updated_at: "2024-01-01T12:00:00.123456Z",
          seq: "900719925474099234",
          amount: "12345678901234567890.10",
          born: "2024-02-29",
          active: false,
          visits: -7,
          tags: ["a", null, "b,c"],
          data: { deep: [{ er: null }] },
          uid: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
          local: "2024-01-01T12:00:00.5",
        },
      };
    },
    async stall() {
      const client = await server.connect();
      others.push(client);
      await client.query(`begin; lock table ${table} in access exclusive mode`);
      return async () => {
        await client.query("rollback");
      };
    },
    async cut() {
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [
        applicationName,
      ]);
    },
    async sessions() {
      const { rows } = await admin.query<{ open: number }>(
        "select count(*)::int as open from pg_stat_activity where application_name = $1",
        [applicationName],
      );
      return rows[0]?.open ?? 0;
    },
    async dispose() {
      await Promise.allSettled(others.map((client) => client.end()));
      await admin.query(`drop table ${table}`);
      await admin.end();
    },
  };
}
