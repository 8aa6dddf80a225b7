import { AuthError, ConfigError, type Finding, type Source, type Stream } from "@acme/sync-core";
import { lookUp } from "./look-up.ts";
import { planRead, type ReadPlan, toSubject } from "./read-plan.ts";
import { readPages, type ReadPorts } from "./read-pages.ts";
import { type Column, findKey, guessKey, pickColumns, QUERY_STREAM, type Relation, toStream } from "./relation.ts";
import type { SqlConfig } from "./sql-config.ts";
import type { Dialect } from "./statements.ts";
import type { SqlClient, Subject, Transaction } from "./transaction.ts";
import type { Window, WindowSearch } from "./window.ts";

/** What tells one SQL database from another. */
export interface SqlDatabase<C extends Column, T extends Transaction> {
  readonly dialect: Dialect;
  readonly client: SqlClient<T>;
  readonly user: string;
  /** @throws ConfigError when the name is none, or when there is no such table. */
  readonly findTable: (transaction: T, name: string) => Promise<Relation<C>>;
  /** Everything that the user may read, outside the system's own. */
  readonly listTables: (transaction: T) => Promise<readonly Relation<C>[]>;
  readonly describeQuery: (transaction: T, query: string) => Promise<Relation<C>>;
  readonly findWindow: (search: WindowSearch<C, T>) => Promise<Window>;
  /** Why rows that are not seen may exist all the same, as a notice; null: they do not. */
  readonly whyIncomplete: (transaction: T, relation: Relation<C>) => Promise<string | null>;
  /** @param target null: only a connection is configured. */
  readonly check: (transaction: T, target: ReadPlan<C> | null) => Promise<readonly Finding[]>;
  /** The statements that let the user read a table. */
  readonly toGrant: (table: NonNullable<Relation["table"]>) => string;
}

/**
 * A source over one table or query, or over all tables when neither is configured.
 * Nothing is connected before its first method is called.
 */
export function createSqlSource<C extends Column, T extends Transaction>(
  config: SqlConfig,
  database: SqlDatabase<C, T>,
): Source {
  const { client, dialect, user } = database;
  const connecting: Subject = {
    doing: config.query === undefined ? `reading ${config.table ?? "the catalog"}` : "reading the query",
    relation: null,
  };

  const describeConfigured = async (transaction: T): Promise<Relation<C> | null> => {
    if (config.query !== undefined) return database.describeQuery(transaction, config.query);
    return config.table === undefined ? null : database.findTable(transaction, config.table);
  };

  /** The stream of the configured table or query. */
  const toConfiguredStream = (relation: Relation<C>): Stream => {
    const { table } = relation;
    if (table !== null && relation.columns.length > 0 && relation.columns.every(({ readable }) => !readable)) {
      throw new AuthError(`permission denied for ${relation.name}: user ${user} may read none of its columns`, {
        hint: `Run as its owner: ${database.toGrant(table)}`,
      });
    }
    const key = typeof config.key === "string" ? [config.key] : (config.key ?? findKey(relation));
    if (key === null) {
      throw new ConfigError(`${relation.name} has no primary key and no unique index without nulls`, {
        hint: "Set key to the column or columns that identify a row.",
      });
    }
    pickColumns(relation, key, "key");
    if (config.cursor !== undefined) pickColumns(relation, [config.cursor], "cursor");
    return toStream(relation, key, config.cursor ?? null);
  };

  /** What is read of the table or query behind a stream, as it is now. */
  const planStream = async (stream: Stream, signal: AbortSignal): Promise<ReadPlan<C>> => {
    const relation = await client.transaction(connecting, signal, async (transaction) => {
      const configured = await describeConfigured(transaction);
      return configured ?? database.findTable(transaction, stream.name);
    });
    if (relation.name !== stream.name && (relation.name === QUERY_STREAM || stream.name === QUERY_STREAM)) {
      throw new ConfigError(`there is no stream ${stream.name}; the configuration reads ${relation.name}`);
    }
    return planRead(relation, stream, dialect);
  };

  const toPorts = (plan: ReadPlan<C>, signal: AbortSignal): ReadPorts<C, T> => ({
    client,
    signal,
    pageRows: config.pageRows,
    pageBytes: config.pageBytes,
    whyIncomplete: (transaction) => database.whyIncomplete(transaction, plan.relation),
    findWindow: (cursor, state) =>
      database.findWindow({
        plan,
        cursor,
        state,
        signal,
        within: (work) => client.transaction(plan.subject, signal, work),
      }),
  });

  return {
    async check(signal) {
      const relation = await client.transaction(connecting, signal, describeConfigured);
      const plan = relation === null ? null : planRead(relation, onlyKey(toConfiguredStream(relation)), dialect);
      const subject = relation === null ? connecting : toSubject(relation);
      return client.transaction(subject, signal, (transaction) => database.check(transaction, plan));
    },

    async streams(signal) {
      return client.transaction(connecting, signal, async (transaction) => {
        const relation = await describeConfigured(transaction);
        if (relation !== null) return [toConfiguredStream(relation)];
        const relations = await database.listTables(transaction);
        return relations
          .filter((candidate) => candidate.columns.length > 0)
          .map((candidate) => toStream(candidate, findKey(candidate) ?? guessKey(candidate), null));
      });
    },

    async *read(stream, after, signal) {
      const plan = await planStream(stream, signal);
      yield* readPages(plan, after, toPorts(plan, signal));
    },

    async lookup(stream, keys, signal) {
      const plan = await planStream(stream, signal);
      return lookUp(plan, keys, toPorts(plan, signal));
    },

    close: () => client.close(),
  };
}

/** A check reads no fields: whether those of the mapping exist is the engine's to say, per mapping. */
function onlyKey(stream: Stream): Stream {
  return {
    ...stream,
    fields: stream.fields.filter((field) => stream.key.includes(field.name) && field.unreadable === null),
  };
}
