import { AuthError, ConfigError, type Runtime, type Source, type Stream } from "@acme/sync-core";
import { checkSource } from "./check.ts";
import { createPostgresClient, type Subject, type Transaction } from "./client.ts";
import { type PostgresConfig, toConnectionSettings } from "./config.ts";
import { lookUp } from "./look-up.ts";
import { toGrant } from "./errors.ts";
import { parseTableName } from "./query.ts";
import { planRead, readPages, toSubject } from "./read-pages.ts";
import {
  describeQuery,
  findKey,
  findTable,
  guessKey,
  listTables,
  pickColumns,
  QUERY_STREAM,
  type Relation,
  toStream,
} from "./streams.ts";

/**
 * A source over one table or query of a PostgreSQL database, or over all its tables when neither is configured.
 * Nothing is connected before its first method is called.
 * @throws ConfigError when the configuration contradicts itself.
 */
export function createPostgresSource(config: PostgresConfig, runtime: Runtime): Source {
  const client = createPostgresClient({
    settings: toConnectionSettings(config),
    statementTimeoutMs: config.statementTimeoutMs,
  });
  const { user } = client.settings;
  const tableName = config.table === undefined ? null : parseTableName(config.table);

  const describeConfigured = async (transaction: Transaction): Promise<Relation | null> => {
    if (config.query !== undefined) return describeQuery(transaction, config.query);
    return tableName === null ? null : findTable(transaction, tableName);
  };

  /** The stream of the configured table or query. */
  const toConfiguredStream = (relation: Relation): Stream => {
    const { relation: table } = toSubject(relation);
    if (table !== null && relation.columns.length > 0 && relation.columns.every(({ readable }) => !readable)) {
      throw new AuthError(`permission denied for ${relation.name}: user ${user} may read none of its columns`, {
        hint: `Run as its owner: ${toGrant(table, user)}`,
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
    return toStream(relation, key, config.cursor ?? null, user);
  };

  /** The table or query behind a stream, as it is now. */
  const describeStream = async (stream: Stream, signal: AbortSignal): Promise<Relation> => {
    const relation = await client.transaction(connecting, signal, async (transaction) => {
      const configured = await describeConfigured(transaction);
      return configured ?? findTable(transaction, parseTableName(stream.name));
    });
    if (relation.name !== stream.name && (relation.name === QUERY_STREAM || stream.name === QUERY_STREAM)) {
      throw new ConfigError(`there is no stream ${stream.name}; the configuration reads ${relation.name}`);
    }
    return relation;
  };

  const connecting: Subject = {
    doing: config.query === undefined ? `reading ${config.table ?? "the catalog"}` : "reading the query",
    relation: null,
  };

  return {
    check: (signal) =>
      client.transaction(connecting, signal, describeConfigured).then((relation) => {
        const stream = relation === null ? null : toConfiguredStream(relation);
        const subject = relation === null ? connecting : toSubject(relation);
        return client.transaction(subject, signal, (transaction) =>
          checkSource(transaction, {
            settings: client.settings,
            lagMs: config.lagMs ?? null,
            target:
              relation === null || stream === null
                ? null
                : { relation, plan: planRead(relation, onlyKey(stream), user) },
          }),
        );
      }),

    async streams(signal) {
      return client.transaction(connecting, signal, async (transaction) => {
        const relation = await describeConfigured(transaction);
        if (relation !== null) return [toConfiguredStream(relation)];
        const relations = await listTables(transaction);
        return relations
          .filter((candidate) => candidate.columns.length > 0)
          .map((candidate) => toStream(candidate, findKey(candidate) ?? guessKey(candidate), null, user));
      });
    },

    async *read(stream, after, signal) {
      const plan = planRead(await describeStream(stream, signal), stream, user);
      yield* readPages(plan, after, { client, config, runtime, signal });
    },

    async lookup(stream, keys, signal) {
      const plan = planRead(await describeStream(stream, signal), stream, user);
      return lookUp(plan, keys, { client, signal });
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
