import type { Database } from "../support/database-server.ts";
import { createRandom, type Random } from "../support/random.ts";

/** Makes the table `people` with rows that writers change. Few different values, so that rows go back to what they were. */
export const CREATE_PEOPLE = `
  create table people (region text not null, no int not null, email text, city text, amount numeric(20, 6), notes text,
    updated_at timestamptz not null default now(), primary key (region, no));
  create index on people (updated_at, region, no);
  insert into people (region, no, email, city, amount, notes, updated_at)
    select region, no, region || no || '@people.example', 'Wien', no * 1.000001, 'Note ' || no || '.', '2026-03-01'
    from unnest(array['a', 'b', 'c']) region, generate_series(1, 60) no;`;

export interface Writers {
  /** Ends them, and commits what they hold open. Rejects when one of them failed. */
  stop(): Promise<void>;
}

/**
 * Starts to change `people` all the time: many rows with one stamp, stamps of transactions that commit much later than
 * others with later stamps, new rows, values and identities that become null and come back, texts.
 */
export function startWriters(database: Database, seed: number): Writers {
  let stopped = false;
  const isStopped = (): boolean => stopped;
  const writers = [quickWriter(database, createRandom(seed + 1), isStopped)];
  for (let number = 2; number <= 4; number += 1)
    writers.push(lateWriter(database, createRandom(seed + number), isStopped, `l${number}`));
  const all = Promise.all(writers);
  // It is looked at when they are stopped.
  all.catch(() => undefined);
  return {
    async stop() {
      stopped = true;
      await all;
    },
  };
}

const CITIES = ["Wien", "Graz", "Linz", null] as const;

/** One statement that changes some rows. Every value comes from a small set. */
function change(random: Random): { readonly sql: string; readonly values: readonly unknown[] } {
  const region = random.pick(["a", "b", "c"]);
  const first = random.between(1, 60);
  const last = random.chance(0.6) ? first : first + random.between(1, 25);
  const where = "where region = $1 and no between $2 and $3";
  const rows = [region, first, last];
  const what = random.next();
  if (what < 0.5)
    return { sql: `update people set city = $4, updated_at = now() ${where}`, values: [...rows, random.pick(CITIES)] };
  if (what < 0.7)
    return {
      sql: `update people set amount = $4, updated_at = now() ${where}`,
      values: [...rows, random.pick(["0.1", "12345678901234.123456", null])],
    };
  if (what < 0.9)
    return {
      sql: `update people set notes = $4, updated_at = now() ${where}`,
      values: [...rows, random.pick(["Called.", "Wrote a letter. Then called.", null])],
    };
  return {
    sql: `update people set email = case when email is null then region || no || '@people.example' end,
            updated_at = now() ${where}`,
    values: [region, first, first],
  };
}

async function quickWriter(database: Database, random: Random, isStopped: () => boolean): Promise<void> {
  const client = await database.connect();
  let inserted = 0;
  while (!isStopped()) {
    if (random.chance(0.2)) {
      inserted += 1;
      await client.query(
        "insert into people (region, no, email, city, notes) select 'n', n, 'n' || n || '@people.example', 'Wien', 'New.' from generate_series($1::int, $1::int) n",
        [inserted],
      );
    } else {
      const { sql, values } = change(random);
      await client.query(sql, [...values]);
    }
    await pause(random.between(2, 60));
  }
}

/** Its rows carry the moment at which its transaction began, and show up only when it ends. */
async function lateWriter(database: Database, random: Random, isStopped: () => boolean, region: string): Promise<void> {
  const client = await database.connect();
  let inserted = 0;
  while (!isStopped()) {
    await client.query("begin");
    await client.query("select now()");
    await pause(random.between(0, 500));
    inserted += 1;
    await client.query(
      "insert into people (region, no, email, city) values ($1::text, $2::int, $1::text || $2::int || '@people.example', 'Graz')",
      [region, inserted],
    );
    // Each of them has rows of its own: waiting for each other's locks would end in a deadlock.
    await client.query("update people set city = $1, updated_at = now() where region = $2 and no = $3", [
      random.pick(CITIES),
      region,
      random.between(1, inserted),
    ]);
    await pause(random.between(0, 500));
    await client.query(random.chance(0.1) ? "rollback" : "commit");
    await pause(random.between(0, 200));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
