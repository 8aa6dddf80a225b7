import type { Account, Collection } from "../contracts/destination.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { Engine, SyncJob } from "../contracts/job.ts";
import type { Finding, Stream } from "../contracts/source.ts";
import { checkMapping } from "../mapping/check-mapping.ts";
import type { Mapping } from "../contracts/mapping.ts";

export interface Prepared {
  readonly account: Account;
  readonly collections: readonly Collection[];
  /** With all its fields. */
  readonly stream: Stream;
  /** The same stream, narrowed to the fields that the mapping uses. */
  readonly narrowed: Stream;
  readonly mapping: Mapping;
  readonly findings: readonly Finding[];
}

/**
 * Everything that must hold before a row is sent: who we are, what the plan allows, where rows go, where they come from, and
 * that the mapping fits both ends. `me()` is always the first call.
 */
export async function prepare(
  job: SyncJob,
  engine: Pick<Engine, "destination">,
  signal: AbortSignal,
): Promise<Prepared> {
  const account = await engine.destination.account(signal);
  const collections = await engine.destination.collections(signal);
  const stream = onlyStream(job, await job.source.streams(signal));
  const { mapping, findings } = checkMapping(job.name, job.mapping, stream, collections);
  const needed = new Set([...mapping.sourceFields, ...stream.key]);
  const narrowed = {
    ...stream,
    fields: stream.fields.filter((field) => needed.has(field.name) || field.name === stream.cursorField),
  };
  return { account, collections, stream, narrowed, mapping, findings };
}

function onlyStream(job: SyncJob, streams: readonly Stream[]): Stream {
  const [only, second] = streams;
  if (only !== undefined && second === undefined) return only;
  const names = streams.slice(0, 12).map((stream) => `"${stream.name}"`);
  throw new ConfigError(
    only === undefined
      ? `The source of sync "${job.name}" has nothing to read`
      : `The source of sync "${job.name}" has ${streams.length} things to read (${names.join(", ")}${streams.length > names.length ? ", …" : ""}), and a sync reads one`,
    { hint: "Name one in the `source` section of the sync; `discover` lists them." },
  );
}
