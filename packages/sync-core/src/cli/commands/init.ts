import { dirname, relative, resolve } from "node:path";
import { personizeConfig } from "../../config/sync-config.ts";
import { type Environment } from "../../config/interpolate.ts";
import { readEnvironment } from "../../config/read-environment.ts";
import type { Connector } from "../../contracts/connector.ts";
import type { Collection } from "../../contracts/destination.ts";
import { ConfigError, SyncError } from "../../contracts/errors.ts";
import type { Starter } from "../../contracts/starter.ts";
import { suggestion } from "../../mapping/did-you-mean.ts";
import type { Proposal } from "../../proposal/proposal.ts";
import { proposeSync } from "../../proposal/propose-sync.ts";
import { toConfigText } from "../../proposal/to-config-text.ts";
import { askForStreams } from "../ask-for-streams.ts";
import type { CommandContext, CommandResult } from "../command-context.ts";
import { findTarget, writeConfigFile } from "../config-target.ts";
import { exitCodes } from "../exit-code.ts";
import { readCollections } from "../read-collections.ts";
import { type CommandFinding, renderFindings } from "../render-findings.ts";
import { toSourceOptions } from "../starter-options.ts";

export interface InitOptions {
  /** Needed where the program has several. */
  readonly connector: string | null;
  /** null: `--config`, else sync.config.yaml. */
  readonly output: string | null;
  readonly streams: readonly string[];
  /** `NAME=VALUE` for options of the source. */
  readonly set: readonly string[];
  readonly force: boolean;
}

const STATE_FILE = ".sync/state.db";

/**
 * Writes a configuration: what the connector begins with, held against the source and the organisation as far as their
 * credentials are in the environment. Credentials that are there have to work. Secrets are written as references only.
 */
export async function init(context: CommandContext, options: InitOptions): Promise<CommandResult> {
  const { connector, starter } = findConnector(context.connectors, options.connector);
  const file = await findTarget(context.io.cwd, options.output ?? context.options.config, options.force);
  const env = await readEnvironment(dirname(file), context.io.env);
  const all = toSourceOptions(connector, starter.source, options.set);
  const { [starter.stream.option]: setStream, ...sourceOptions } = all;
  const wanted = options.streams.length === 0 && typeof setStream === "string" ? [setStream] : options.streams;

  const asked = await askForStreams(context, { connector, starter, options: sourceOptions, wanted, env });
  const organisation = await askOrganisation(context, file, env);
  const { proposals, findings } = proposeAll(
    asked.streams.map(({ name, stream }) => ({
      connector,
      starter,
      streamName: name,
      stream,
      collections: organisation.collections,
      options: sourceOptions,
    })),
    wanted.length > 0,
  );

  const shownFile = relative(context.io.cwd, file);
  const isDefault = shownFile === "sync.config.yaml";
  const next = `${context.program.name} check${isDefault ? "" : ` --config ${shownFile}`}`;
  const content = toConfigText({
    heading: [
      `Written by \`${context.program.name} init\`: a proposal, with its reasons. Change what does not suit you, then run`,
      `\`${next}\`.`,
    ],
    personize: {
      secretKey: "${PERSONIZE_SECRET_KEY}",
      ...(isSet(env, "PERSONIZE_BASE_URL") ? { baseUrl: "${PERSONIZE_BASE_URL}" } : {}),
    },
    syncs: proposals,
  });
  await writeConfigFile(file, content, options.force);
  const allFindings = [...asked.findings, ...organisation.findings, ...findings];
  return {
    document: {
      command: "init",
      syncs: proposals.map((proposal) => ({ sync: proposal.name, connector: connector.name, proposal })),
      file,
      content,
      findings: allFindings,
      exitCode: exitCodes.done,
    },
    human: [
      renderFindings(allFindings, context.style),
      `Written to ${shownFile}: ${proposals.map(({ name }) => name).join(", ")}. Read it, then run \`${next}\`.`,
    ].join("\n\n"),
    failures: [],
    isReport: false,
  };
}

function findConnector(
  connectors: readonly Connector[],
  name: string | null,
): { readonly connector: Connector; readonly starter: Starter } {
  const names = connectors.map((each) => each.name);
  const connector =
    name === null && connectors.length === 1 ? connectors[0] : connectors.find((each) => each.name === name);
  if (connector === undefined) {
    throw new ConfigError(
      name === null ? "say which connector with --connector NAME" : `--connector: unknown connector`,
      {
        hint: suggestion(name ?? "", names),
      },
    );
  }
  if (connector.starter === undefined) {
    throw new ConfigError(`the connector ${connector.name} brings nothing to begin a configuration with`, {
      hint: "Write it by hand; `discover` lists the fields and collections for the mapping.",
    });
  }
  return { connector, starter: connector.starter };
}

interface Organisation {
  /** null: there is no key. */
  readonly collections: readonly Collection[] | null;
  readonly findings: readonly CommandFinding[];
}

async function askOrganisation(context: CommandContext, file: string, env: Environment): Promise<Organisation> {
  const secretKey = env["PERSONIZE_SECRET_KEY"]?.trim() ?? "";
  if (secretKey === "") {
    const message = "The organisation was not asked: PERSONIZE_SECRET_KEY is not set. Collections are the usual ones.";
    const hint = "Set it and run init again with --force; or check the names of collections and properties by hand.";
    return { collections: null, findings: [{ level: "warning", message, hint }] };
  }
  context.redactor.add([secretKey]);
  const baseUrl = isSet(env, "PERSONIZE_BASE_URL") ? { baseUrl: env["PERSONIZE_BASE_URL"] } : {};
  const personize = personizeConfig.safeParse(baseUrl);
  if (!personize.success) {
    throw new ConfigError("PERSONIZE_BASE_URL is not a URL that starts with https://", {
      hint: "Correct or unset it.",
    });
  }
  const directory = dirname(file);
  const state = resolve(directory, STATE_FILE);
  const collections = await readCollections(context, { personize: personize.data, secretKey, state, directory });
  const message = `Personize accepts the key: ${collections.length} collections.`;
  return { collections, findings: [{ level: "ok", message, hint: null }] };
}

/** What was asked for by name has to work; of what is offered unasked, as much as does. */
function proposeAll(
  wanted: readonly Parameters<typeof proposeSync>[0][],
  isNamed: boolean,
): { readonly proposals: readonly Proposal[]; readonly findings: readonly CommandFinding[] } {
  const proposals: Proposal[] = [];
  const findings: CommandFinding[] = [];
  let first: unknown = null;
  for (const each of wanted) {
    try {
      const proposal = proposeSync(each);
      const twins = proposals.filter(({ name }) => name === proposal.name).length;
      proposals.push(twins === 0 ? proposal : { ...proposal, name: `${proposal.name}_${proposals.length + 1}` });
    } catch (error) {
      if (isNamed || !SyncError.is(error) || error.kind !== "config") throw error;
      first ??= error;
      findings.push({ level: "warning", message: `Left out: ${error.message}`, hint: error.hint });
    }
  }
  if (proposals.length === 0) throw first;
  return { proposals, findings };
}

function isSet(env: Environment, name: string): boolean {
  return (env[name] ?? "") !== "";
}
