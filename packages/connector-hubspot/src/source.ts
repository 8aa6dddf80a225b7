import { ConfigError, type Row, type Runtime, type Source, type Stream } from "@acme/sync-core";
import { toFindings } from "./check.ts";
import { createHubspotClient } from "./hubspot-client.ts";
import type { HubspotConfig } from "./config.ts";
import { lookUp, lookUpOwners } from "./look-up.ts";
import { createThisMachine, type Machine } from "./machine.ts";
import { OWNERS } from "./object-types.ts";
import { createPresence } from "./presence.ts";
import { readOwners } from "./read-owners.ts";
import { readPages } from "./read-pages.ts";
import { describeType, findType, listStreams, ownersStream, readDefinitions, toStream } from "./streams.ts";
import { type Description, type Subject, toSubject } from "./subject.ts";

/** How long the description of an object is good for: the engine asks for streams and reads right after. */
const DESCRIPTION_GOOD_MS = 60_000;

/** A HubSpot source can look rows up by key. */
export interface HubspotSource extends Source {
  /**
   * Reads single records by key as they are now. Those that were archived, deleted or merged into another are absent.
   * @param keys at most 500, each once.
   * @throws rather than leaving out a record that it could not look at: absence is taken for deletion.
   */
  lookup(stream: Stream, keys: readonly string[], signal: AbortSignal): Promise<readonly Row[]>;
}

/**
 * A source over one object of a HubSpot account, or over all that the token can read when none is configured. Nothing is called
 * before its first method is.
 */
export function createHubspotSource(
  config: HubspotConfig,
  runtime: Runtime,
  machine: Machine = createThisMachine(config.baseUrl),
): HubspotSource {
  const client = createHubspotClient(config, runtime, machine);
  const described = new Map<string, { readonly description: Description | null; readonly atMs: number }>();
  const ended = new AbortController();
  /** @throws the reason at once when either has ended: what is remembered needs no call, and must not answer all the same. */
  const until = (signal: AbortSignal): AbortSignal => {
    const either = AbortSignal.any([signal, ended.signal]);
    either.throwIfAborted();
    return either;
  };

  const remember = (name: string, description: Description | null): Description | null => {
    described.set(name, { description, atMs: runtime.now() });
    return description;
  };

  /** The configured object, or the one with this name. null: owners. */
  const describe = async (name: string, signal: AbortSignal): Promise<Description | null> => {
    const known = described.get(name);
    if (known !== undefined && runtime.now() - known.atMs < DESCRIPTION_GOOD_MS) return known.description;
    const type = await findType(client, name, signal);
    return remember(name, type === OWNERS ? null : await describeType(client, type, config, signal));
  };

  const describeStream = async (stream: Stream, signal: AbortSignal): Promise<Description | null> => {
    const description = await describe(config.object ?? stream.name, signal);
    const name = description === null ? OWNERS.name : description.type.name;
    if (name === stream.name) return description;
    throw new ConfigError(`there is no stream ${stream.name}; the configuration reads ${name}`);
  };

  const describeSubject = async (stream: Stream, signal: AbortSignal): Promise<Subject | null> => {
    const description = await describeStream(stream, signal);
    if (description === null) return null;
    const { type } = description;
    const presence = createPresence(client, type, async (now) => {
      const definitions = await readDefinitions(client, type, config, now);
      return new Set(definitions.map((definition) => definition.name));
    });
    return toSubject(client, description, stream, presence);
  };

  return {
    async check(callerSignal) {
      const signal = until(callerSignal);
      if (config.object === undefined) {
        const [first] = await listStreams(client, config, signal);
        return toFindings(config, first?.description ?? null);
      }
      const description = await describe(config.object, signal);
      if (description === null) await readOwners(client, ownersStream, null, signal).next();
      return toFindings(config, description);
    },

    async streams(callerSignal) {
      const signal = until(callerSignal);
      if (config.object !== undefined) {
        const description = await describe(config.object, signal);
        return [description === null ? ownersStream : toStream(description)];
      }
      const found = await listStreams(client, config, signal);
      for (const { stream, description } of found) remember(stream.name, description);
      return found.map(({ stream }) => stream);
    },

    async *read(stream, after, callerSignal) {
      const signal = until(callerSignal);
      const subject = await describeSubject(stream, signal);
      if (subject === null) yield* readOwners(client, stream, after, signal);
      else {
        const { expectedRowBytes } = subject;
        yield* readPages({ client, config, subject, signal, notices: [], rowBytes: expectedRowBytes }, after);
      }
    },

    async lookup(stream, keys, callerSignal) {
      const signal = until(callerSignal);
      if (keys.length === 0) return [];
      const subject = await describeSubject(stream, signal);
      return subject === null
        ? lookUpOwners(readOwners(client, stream, null, signal), keys)
        : lookUp(subject, keys, signal);
    },

    async close() {
      ended.abort(new ConfigError("the source is closed", { hint: "Make a new one." }));
    },
  };
}
