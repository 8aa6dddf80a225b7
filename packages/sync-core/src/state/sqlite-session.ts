import type { DatabaseSync } from "node:sqlite";
import { BugError } from "../contracts/errors.ts";
import type { Statements as StateStatements } from "./statements.ts";
import { toStateError } from "./to-state-error.ts";

/** An open database with its statements and its clock. Everything in it is synchronous: a unit of work cannot be interleaved. */
export interface SqliteSession<Statements = StateStatements> {
  readonly location: string;
  readonly statements: Statements;
  /** Milliseconds since the epoch, whole. Ask inside a unit of work: whoever waits for a lock must not use an old time. */
  now(): number;
  /** One statement that only reads. */
  read<T>(work: (statements: Statements) => T): T;
  /** Several statements that see the same state. */
  readTogether<T>(work: (statements: Statements) => T): T;
  /**
   * All of `work` is written, or nothing. What is asked for before the process next waits for the outside shares one transaction, since
   * a commit costs more than most works; each still succeeds or fails alone.
   * @param work has no effect but through its statements.
   */
  write<T>(work: (statements: Statements) => T): Promise<T>;
  /** Another connection, for work that takes longer than one call; the same one in memory. */
  connect(readOnly: boolean): { readonly db: DatabaseSync; readonly close: () => void };
  /** Rewrites the file, so that nothing is left in it of what was deleted. */
  compact(): void;
  close(): void;
}

interface Write<Statements> {
  /** @returns what tells whoever asked for it, to be called once it is committed. */
  readonly work: (statements: Statements) => () => void;
  readonly fail: (error: unknown) => void;
}

/** @throws from every method: the errors of {@link toStateError}, and BugError once the session is closed. */
export function createSqliteSession<Statements>(
  db: DatabaseSync,
  options: {
    readonly location: string;
    readonly now: () => number;
    readonly prepare: (db: DatabaseSync) => Statements;
    readonly connect: (readOnly: boolean) => DatabaseSync;
  },
): SqliteSession<Statements> {
  const { location, now } = options;
  const statements = options.prepare(db);
  const begin = db.prepare("begin");
  const beginWriting = db.prepare("begin immediate");
  const commit = db.prepare("commit");

  const beginPart = db.prepare("savepoint part");
  const endPart = db.prepare("release part");
  let writes: Write<Statements>[] = [];

  const guard = <T>(work: () => T): T => {
    if (!db.isOpen) throw new BugError(`The state ${location} was used after it had been closed.`);
    try {
      return work();
    } catch (error) {
      // SQLite ends the transaction by itself after some errors (disk full, say); otherwise it is ours to end.
      if (db.isTransaction) db.exec("rollback");
      throw toStateError(error, { location, opening: false });
    }
  };
  const transaction = <T>(start: typeof begin, work: (statements: Statements) => T): T =>
    guard(() => {
      start.run();
      const result = work(statements);
      commit.run();
      return result;
    });

  /** @throws only what has ended the whole transaction. */
  const writePart = (write: Write<Statements>): (() => void) => {
    beginPart.run();
    try {
      const settle = write.work(statements);
      endPart.run();
      return settle;
    } catch (error) {
      if (!db.isTransaction) throw error;
      db.exec("rollback to part; release part");
      return () => write.fail(toStateError(error, { location, opening: false }));
    }
  };
  const writeAll = (): void => {
    const together = writes;
    const [first] = together;
    writes = [];
    try {
      const settles = transaction(beginWriting, () =>
        together.length === 1 && first !== undefined ? [first.work(statements)] : together.map(writePart),
      );
      for (const settle of settles) settle();
    } catch (error) {
      for (const { fail } of together) fail(error);
    }
  };

  return {
    location,
    statements,
    now: () => Math.floor(now()),
    read: (work) => guard(() => work(statements)),
    readTogether: (work) => transaction(begin, work),
    write: (work) =>
      new Promise((resolve, reject) => {
        // After everything that promises can still bring about.
        if (writes.length === 0) process.nextTick(writeAll);
        writes.push({
          work: (all) => {
            const result = work(all);
            return () => resolve(result);
          },
          fail: reject,
        });
      }),
    connect: (readOnly) =>
      guard(() => {
        if (location === ":memory:") return { db, close: () => undefined };
        const another = options.connect(readOnly);
        return { db: another, close: () => another.close() };
      }),
    compact: () => guard(() => db.exec("vacuum; pragma wal_checkpoint(truncate)")),
    close: () => {
      if (writes.length > 0) writeAll();
      if (db.isOpen) db.close();
    },
  };
}
