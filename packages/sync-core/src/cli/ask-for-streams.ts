import type { Environment } from "../config/interpolate.ts";
import type { Connector } from "../contracts/connector.ts";
import { ConfigError, SyncError } from "../contracts/errors.ts";
import type { JsonObject } from "../contracts/json.ts";
import type { Stream } from "../contracts/source.ts";
import type { Starter } from "../contracts/starter.ts";
import type { CommandContext } from "./command-context.ts";
import type { CommandFinding } from "./render-findings.ts";
import { resolveOptions } from "./starter-options.ts";
import { withSource } from "./with-engine.ts";

export interface AskedStreams {
  /** One for each sync to propose. `name` null: the options say already what to read; `stream` null: nobody was asked. */
  readonly streams: readonly { readonly name: string | null; readonly stream: Stream | null }[];
  readonly findings: readonly CommandFinding[];
}

export interface StreamsToAsk {
  readonly connector: Connector;
  readonly starter: Starter;
  readonly options: JsonObject;
  /** `--stream`; empty: those with a ready mapping, else the only one that there is. */
  readonly wanted: readonly string[];
  readonly env: Environment;
}

/**
 * What the source shows of the wanted streams. Where credentials are missing nobody is asked, and a finding says so.
 * @throws ConfigError when it is not clear what to read; what the source throws.
 */
export async function askForStreams(context: CommandContext, asked: StreamsToAsk): Promise<AskedStreams> {
  const { connector, starter, wanted } = asked;
  const ready = starter.mappings.map(({ stream }) => stream);
  const resolved = resolveOptions(
    connector,
    withStream(asked, wanted[0] ?? ready[0] ?? null),
    asked.env,
    context.redactor,
  );
  if ("unset" in resolved) {
    const names = wanted.length > 0 ? wanted : ready.length > 0 ? ready : [null];
    return { streams: names.map((name) => ({ name, stream: null })), findings: [notAsked(resolved.unset)] };
  }
  const readAll = (name: string | null): Promise<readonly Stream[]> => {
    const source = resolveOptions(connector, withStream(asked, name), asked.env, context.redactor);
    return withSource(context, { connector, source: "config" in source ? source.config : undefined }, (opened) =>
      opened.streams(context.signal),
    );
  };
  const readOne = async (name: string): Promise<Stream> => {
    const [stream, ...more] = await readAll(name);
    if (stream !== undefined && more.length === 0) return stream;
    throw new ConfigError(`${starter.stream.option}: ${name} does not mean one stream`, {
      hint: "`discover` lists them.",
    });
  };

  if (wanted.length > 0) {
    const streams: { name: string; stream: Stream }[] = [];
    for (const name of wanted) streams.push({ name, stream: await readOne(name) });
    return { streams, findings: streams.map(({ stream }) => answers(stream)) };
  }
  if (ready.length > 0) return readReady(ready, readOne);

  const [only, ...more] = await readAll(null);
  if (only === undefined || more.length > 0) throw notOne([...(only === undefined ? [] : [only]), ...more]);
  // A query is a stream already; a lone table is one of several as soon as there is a second.
  const isTold = !fits(asked, only.name);
  const stream = isTold ? only : await readOne(only.name);
  return { streams: [{ name: isTold ? null : only.name, stream }], findings: [answers(stream)] };
}

/** A stream that this token may not read, or this account does not have, must not keep the others from being written. */
async function readReady(names: readonly string[], readOne: (name: string) => Promise<Stream>): Promise<AskedStreams> {
  const streams: { name: string; stream: Stream }[] = [];
  const findings: CommandFinding[] = [];
  let first: unknown = null;
  for (const name of names) {
    try {
      const stream = await readOne(name);
      streams.push({ name, stream });
      findings.push(answers(stream));
    } catch (error) {
      if (!SyncError.is(error) || (error.kind !== "auth" && error.kind !== "config")) throw error;
      first ??= error;
      findings.push({ level: "warning", message: `${name} is left out: ${error.message}`, hint: error.hint });
    }
  }
  if (streams.length === 0) throw first;
  return { streams, findings };
}

function withStream({ options, starter }: StreamsToAsk, name: string | null): JsonObject {
  return name === null ? options : { ...options, [starter.stream.option]: name };
}

function fits(asked: StreamsToAsk, name: string): boolean {
  const { connector, env } = asked;
  try {
    return (
      "config" in resolveOptions(connector, withStream(asked, name), env, { add: () => {}, redact: (text) => text })
    );
  } catch (error) {
    if (SyncError.is(error)) return false;
    throw error;
  }
}

function answers(stream: Stream): CommandFinding {
  return { level: "ok", message: `The source answers: ${stream.name}, ${stream.fields.length} fields.`, hint: null };
}

function notAsked(unset: readonly string[]): CommandFinding {
  const are = unset.length === 1 ? "is" : "are";
  return {
    level: "warning",
    message: `The source was not asked: ${unset.join(" and ")} ${are} not set. Fields, key and cursor are not what it has.`,
    hint: "Set it (or a line in the file .env beside the configuration) and run init again with --force; or fill in the file by hand.",
  };
}

function notOne(streams: readonly Stream[]): ConfigError {
  const names = streams.map(({ name }) => name);
  if (names.length === 0) {
    return new ConfigError("the source shows nothing that could be read", {
      hint: "Check the permissions of its user.",
    });
  }
  const shown = names.slice(0, 20).join(", ");
  return new ConfigError(`there are ${names.length} streams to choose from`, {
    hint: `Name one with --stream: ${shown}${names.length > 20 ? ` and ${names.length - 20} more` : ""}.`,
  });
}
