import { ConfigError, type Runtime, type Source, type Stream } from "@acme/sync-core";
import { toFindings } from "./check.ts";
import { createSalesforceClient } from "./salesforce-client.ts";
import type { SalesforceConfig } from "./config.ts";
import { lookUp } from "./look-up.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { readPages } from "./read-pages.ts";
import { describeObject, listStreams, toStream } from "./streams.ts";
import { type Description, type Subject, toSubject } from "./subject.ts";

/** How long the description of an object is good for: the engine asks for streams and reads right after. */
const DESCRIPTION_GOOD_MS = 60_000;

/**
 * A source over one object of a Salesforce org, or over all that the user can query when none is configured. Nothing is called
 * before its first method is.
 */
export function createSalesforceSource(
  config: SalesforceConfig,
  runtime: Runtime,
  machine: Machine = thisMachine,
): Source {
  const client = createSalesforceClient(config, runtime, machine);
  const described = new Map<string, { readonly description: Description; readonly atMs: number }>();
  const ended = new AbortController();
  const until = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, ended.signal]);

  const remember = (description: Description): Description => {
    described.set(description.object.toLowerCase(), { description, atMs: runtime.now() });
    return description;
  };

  const describe = async (name: string, signal: AbortSignal): Promise<Description> => {
    const known = described.get(name.toLowerCase());
    if (known !== undefined && runtime.now() - known.atMs < DESCRIPTION_GOOD_MS) return known.description;
    return remember(await describeObject(client, name, config, signal));
  };

  const toSubjectOf = async (stream: Stream, signal: AbortSignal): Promise<Subject> => {
    const description = await describe(config.object ?? stream.name, signal);
    if (description.object === stream.name) return toSubject(description, stream);
    throw new ConfigError(`there is no stream ${stream.name}; the configuration reads ${description.object}`, {
      hint: "Correct object.",
    });
  };

  return {
    async check(callerSignal) {
      const signal = until(callerSignal);
      signal.throwIfAborted();
      if (config.object !== undefined) return toFindings(config, await describe(config.object, signal));
      await client.listObjects(signal);
      return toFindings(config, null);
    },

    async streams(callerSignal) {
      const signal = until(callerSignal);
      signal.throwIfAborted();
      if (config.object !== undefined) return [toStream(await describe(config.object, signal))];
      const found = await listStreams(client, config, signal);
      return found.map((description) => toStream(remember(description)));
    },

    async *read(stream, after, callerSignal) {
      const signal = until(callerSignal);
      signal.throwIfAborted();
      const subject = await toSubjectOf(stream, signal);
      const tally = { nulBytes: 0 };
      yield* readPages({ client, config, runtime, subject, signal, notices: [], tally, isBulkOff: false }, after);
    },

    async lookup(stream, keys, callerSignal) {
      const signal = until(callerSignal);
      signal.throwIfAborted();
      return keys.length === 0 ? [] : lookUp(client, await toSubjectOf(stream, signal), keys, signal);
    },

    async close() {
      ended.abort(new ConfigError("the source is closed", { hint: "Make a new one." }));
    },
  };
}
