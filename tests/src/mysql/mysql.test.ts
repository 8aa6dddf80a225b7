import { isMariadbInstalled, type MariadbServer, startMariadb } from "@acme/test-servers";
import { createConnection, type Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endProcesses, MYSQL_BIN } from "../support/command-line.ts";
import { createRandom, drawSeed } from "../support/random.ts";
import { CONTENT, contact, contactSync, createWorldOver, TEXTS, type World } from "../support/world.ts";

const PASSWORD = "mysql-secret-9Qz4";
/** In all. `REAL_KILLS=500` for a long search, `REAL_KILLS_SEED` to repeat one. */
const KILLS = Math.ceil(Number(process.env["REAL_KILLS"] ?? 52) / 4);
const SEED = drawSeed("REAL_KILLS_SEED");

const PEOPLE = `create table people (region varchar(9) not null, no int not null, email varchar(99), city varchar(40), amount decimal(12,2), notes text,
  updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6), primary key (region, no), key (updated_at, region, no))`;

describe.skipIf(!isMariadbInstalled)(
  "from MariaDB to Personize [needs MariaDB: apt-get install mariadb-server-core]",
  () => {
    const endings: (() => Promise<void>)[] = [];
    const clients: Connection[] = [];
    let server: MariadbServer;
    let databases = 0;

    beforeAll(async () => {
      server = await startMariadb({ user: "owner", password: PASSWORD, database: "shop" });
    });

    afterAll(async () => {
      await endProcesses();
      await Promise.allSettled(clients.map((client) => client.end()));
      await Promise.all(endings.map((end) => end()));
      await server.stop();
    });

    const connect = async (database: string): Promise<Connection> => {
      const client = await createConnection({
        uri: `mysql://owner:${PASSWORD}@127.0.0.1:${server.port}/${database}`,
        multipleStatements: true,
        dateStrings: true,
        typeCast: (field) => field.string("utf8"),
      });
      clients.push(client);
      return client;
    };

    /** A database and a service of its own. */
    const createWorld = async (options: Parameters<typeof createWorldOver>[1] = {}) => {
      databases += 1;
      const name = `world_${databases}`;
      const admin = await connect("shop");
      await admin.query(`create database ${name}`);
      const client = await connect(name);
      const world = await createWorldOver(
        {
          bin: MYSQL_BIN,
          secrets: [PASSWORD],
          database: {
            url: `mysql://owner:${PASSWORD}@127.0.0.1:${server.port}/${name}`,
            async query(sql, values = []) {
              const answer: unknown = (await client.query(sql, [...values]))[0];
              return Array.isArray(answer) ? answer : [];
            },
            connect: () => Promise.reject(new Error("this is no PostgreSQL")),
          },
        },
        options,
        endings,
      );
      return { world, name };
    };

    const configure = (world: World, source: Readonly<Record<string, unknown>> = {}): Promise<void> =>
      world.configure({
        personize: { maxRowsPerCall: 8 },
        syncs: {
          people: {
            ...Object(
              contactSync(
                "people",
                {
                  city: contact("city"),
                  lifetime_value: contact("amount"),
                  notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
                },
                { source },
              ),
            ),
            connector: "mysql",
          },
        },
      });

    const expectEqual = async (world: World): Promise<void> => {
      world.api.control.settleAll();
      const rows = await world.database.query(
        "select email, city, amount, notes from people where email is not null order by email",
      );
      const actual = rows.map(({ email }) => {
        const {
          city = null,
          lifetime_value: amount = null,
          notes = null,
        } = world.api.control.record({ type: "contact", email: email ?? "" })?.values ?? {};
        return { email, city, amount, notes };
      });
      expect(actual).toEqual(rows.map((row) => ({ ...row })));
    };

    it("check, discover, plan, sync and verify; then only what changed", { timeout: 120_000 }, async () => {
      const { world } = await createWorld();
      await world.database.query(PEOPLE);
      await world.database.query(
        `insert into people (region, no, email, city, amount, notes) select 'n', seq, concat('p', seq, '@people.example'), '${CONTENT} Wien', seq / 7, 'Called.' from seq_1_to_300`,
      );
      await configure(world);
      expect(await world.run("check")).toMatchObject({ code: 0 });
      expect((await world.run("discover")).out).toContain("updated_at");
      expect(await world.run("plan")).toMatchObject({ code: 0 });
      expect((await world.sync()).rows).toMatchObject({ read: 300, landed: 300 });
      await expectEqual(world);
      expect(await world.run("verify", "--sample", "50")).toMatchObject({ code: 0 });
      await world.database.query("update people set city = 'Graz' where no <= 5");
      expect((await world.sync()).rows).toMatchObject({ landed: 5 });
      expect((await world.sync()).rows).toMatchObject({ landed: 0 });
      await expectEqual(world);
    });

    it("records go with their rows, and only then", { timeout: 120_000 }, async () => {
      const { world } = await createWorld();
      await world.database.query(PEOPLE);
      await world.database.query(
        "insert into people (region, no, email, city) select 'n', seq, concat('d', seq, '@people.example'), 'Linz' from seq_1_to_60",
      );
      await world.configure({
        syncs: {
          people: {
            ...Object(contactSync("people", { city: contact("city") }, { source: { cursor: undefined } })),
            connector: "mysql",
            deletes: "delete",
          },
        },
      });
      await world.sync();
      await world.database.query("delete from people where no <= 7");
      expect((await world.sync()).rows).toMatchObject({ deleted: 7 });
      await expectEqual(world);
    });

    it("SIGKILL at any moment while rows change: in the end the destination equals the source", {
      timeout: 60_000 + KILLS * 10_000,
    }, async () => {
      const random = createRandom(SEED);
      const { world, name } = await createWorld({ landingDelayMs: { minMs: 10, maxMs: 250 }, seed: SEED });
      await world.database.query(PEOPLE);
      await world.database.query(
        "insert into people (region, no, email, city, amount, notes) select elt(1 + seq % 3, 'n', 's', 'w'), seq, concat('k', seq, '@people.example'), 'Wien', seq, 'Called.' from seq_1_to_400",
      );
      await configure(world, { pageRows: 35 });
      let isOver = false;
      const writers = [1, 2, 3].map(async (own) => {
        const client = await connect(name);
        const chance = createRandom(SEED + own);
        for (let round = 0; !isOver; round += 1) {
          await client.query("begin");
          await client.query(
            `update people set city = concat('City ', ?), amount = ? where no % 3 = ? and no % 50 = ?`,
            [`${own}.${round}`, chance.between(0, 99_999) / 100, own - 1, chance.between(0, 49)],
          );
          await client.query("insert into people (region, no, email, city) values (?, ?, ?, 'New')", [
            `w${own}`,
            round,
            `w${own}-${round}@people.example`,
          ]);
          await pause(chance.between(0, 400));
          await client.query(chance.chance(0.1) ? "rollback" : "commit");
          await pause(chance.between(0, 150));
        }
      });
      let kills = 0;
      let ends = 0;
      while (kills < KILLS && ends < KILLS * 2) {
        const seen = world.writes();
        const dying = world.start(["sync"]);
        if (random.chance(0.3)) await pause(random.between(50, 900));
        else {
          while (world.writes() === seen && dying.child.exitCode === null) await pause(5);
          await pause(random.between(0, 400));
        }
        dying.child.kill("SIGKILL");
        const { signal, code, err } = await dying.ended;
        if (signal === "SIGKILL") kills += 1;
        else {
          ends += 1;
          expect([0, 4], `${code}: ${err}`).toContain(code);
        }
      }
      isOver = true;
      await Promise.all(writers);
      expect(kills).toBeGreaterThanOrEqual(KILLS);
      for (let run = 0; run < 3; run += 1) {
        const { code } = await world.run("sync");
        if (code === 0 || code === 4) break;
      }
      await expectEqual(world);
    });
  },
);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
