import type { SourceHarness } from "@acme/sync-core/testing";
import { type Admin, findFreePort, ROOT, type TestServer } from "./server.ts";

export interface Shape {
  /** The option `cursor`; null: compared in full. */
  readonly cursor: "updated_at" | "seq" | null;
  /** Whether the table is read through the option `query`. */
  readonly throughQuery: boolean;
  /** Type and default of the column updated_at. */
  readonly timeType?: "timestamp" | "datetime";
}

const WRONG_PASSWORD = "wrong-password-of-nobody";
let worlds = 0;

/** A new table on a real server, with a key of two columns and a column of every kind of value. */
export async function createMysqlHarness(server: TestServer, shape: Shape): Promise<SourceHarness> {
  worlds += 1;
  const table = `world_${worlds}`;
  const user = `sources_of_${table}`;
  const nowhere = await findFreePort();
  const admin = await server.connect();
  const others: Admin[] = [];
  const time = `${shape.timeType ?? "timestamp"}(6) null default current_timestamp(6)`;
  await admin.query(`create sequence s_${worlds} nocache;
    create table ${table} (
      tenant varchar(40) not null, id bigint unsigned not null auto_increment, note longtext, updated_at ${time},
      seq bigint default nextval(s_${worlds}), amount decimal(30,10), born date, active bit(1), flags bit(12), visits int,
      ratio float, data json, kind enum('new','old'), tags set('a','b','c'), photo blob, span time(3), y year,
      primary key (tenant, id), unique key (id), key (updated_at, tenant, id));
    create user ${user}@'%' identified by '${ROOT.password}'; grant select, process on *.* to ${user}@'%'`);

  const insert = async (client: Admin, texts: readonly (string | null)[]): Promise<string[]> => {
    const rows = await client.query(
      `insert into ${table} (tenant, note) values ${texts.map((_text, index) => `('tenant ${index % 3}', ?)`).join(", ")} returning tenant, id`,
      texts,
    );
    return rows.map(({ tenant, id }) => JSON.stringify([String(tenant), String(id)]));
  };
  const where = (key: string): string => {
    const [tenant = "", id = ""]: readonly string[] = JSON.parse(key);
    return `where tenant = '${tenant}' and id = ${id}`;
  };

  return {
    textField: "note",
    secrets: [ROOT.password, WRONG_PASSWORD],
    open({ pageRows, fault }) {
      const from = fault === "stream" ? `${table}_that_is_gone` : table;
      return server.source({
        user,
        pageRows,
        host: "127.0.0.1",
        port: fault === "address" ? nowhere : server.port,
        database: "shop",
        sslmode: "disable",
        password: fault === "credentials" ? WRONG_PASSWORD : ROOT.password,
        cursorTimeZone: "+00:00",
        ...(shape.throughQuery
          ? { query: `select * from ${from} where tenant <> 'nobody?' -- all`, key: ["tenant", "id"] }
          : { table: from }),
        ...(shape.cursor === null ? {} : { cursor: shape.cursor }),
      });
    },
    insert: (texts) => insert(admin, texts),
    async update(key, text) {
      await admin.query(
        `update ${table} set note = ?, updated_at = current_timestamp(6), seq = nextval(s_${table.slice(6)}) ${where(key)}`,
        [text],
      );
    },
    async remove(key) {
      await admin.query(`delete from ${table} ${where(key)}`);
    },
    async clearCursor(key) {
      await admin.query(`update ${table} set ${shape.cursor ?? "seq"} = null ${where(key)}`);
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
      await admin.query(`insert into ${table} values ('t', 18446744073709551000, 'every type', '2024-01-01 12:00:00.123456',
        900719925474099234, 12345678901234567890.1, '2024-02-29', b'0', b'101', -7, 0.1, '{"deep": [{"er": null}]}',
        'old', 'c,a', x'00ff', '-800:01:02.5', 2024)`);
      return {
        key: '["t","18446744073709551000"]',
        fields: {
          tenant: "t",
          id: "18446744073709551000",
          note: "every type",
          updated_at: shape.timeType === "datetime" ? "2024-01-01T12:00:00.123456" : "2024-01-01T12:00:00.123456Z",
          seq: "900719925474099234",
          amount: "12345678901234567890.1000000000",
          born: "2024-02-29",
          active: false,
          flags: "000000000101",
          visits: -7,
          ratio: 0.1,
          data: { deep: [{ er: null }] },
          kind: "old",
          tags: "a,c",
          span: "-800:01:02.500",
          y: 2024,
        },
      };
    },
    async stall() {
      const client = await server.connect();
      others.push(client);
      await client.query(`lock tables ${table} write`);
      return async () => {
        await client.query("unlock tables");
      };
    },
    async cut() {
      const sessions = await admin.query("select id from information_schema.processlist where user = ?", [user]);
      for (const { id } of sessions) await admin.query(`kill ${String(id)}`).catch(() => undefined);
    },
    async sessions() {
      const sessions = await admin.query("select id from information_schema.processlist where user = ?", [user]);
      return sessions.length;
    },
    async dispose() {
      await Promise.allSettled(others.map((client) => client.end()));
      await admin.query(`drop table ${table}; drop sequence s_${table.slice(6)}; drop user ${user}@'%'`);
      await admin.end();
    },
  };
}
