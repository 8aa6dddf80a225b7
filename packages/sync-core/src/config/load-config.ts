import { basename, dirname, resolve } from "node:path";
import type { Connector } from "../contracts/connector.ts";
import { ConfigError } from "../contracts/errors.ts";
import { didYouMean, suggestion } from "../mapping/did-you-mean.ts";
import type { MappingConfig } from "../mapping/mapping-config.ts";
import { configDigest } from "./config-digest.ts";
import { type ConfigPath, startsWith, valueAt } from "./config-path.ts";
import { type ConfigProblem, toConfigError } from "./config-problem.ts";
import { findConfigFile } from "./find-config-file.ts";
import { fitInterpolated } from "./fit-interpolated.ts";
import { type Environment, interpolate, type Reference } from "./interpolate.ts";
import { isPlainObject } from "./plain-object.ts";
import { type ConfigSource, readConfigFile } from "./read-config-file.ts";
import { readEnvironment } from "./read-environment.ts";
import { createRedactor, type Redactor } from "./redactor.ts";
import { viewSchema } from "./schema-view.ts";
import { collectSecrets, looksSecret, secretsInUrl } from "./secrets.ts";
import { type PersonizeSettings, type SyncConfig, syncConfig } from "./sync-config.ts";
import { zodProblems } from "./zod-problems.ts";

const SECRET_KEY_VARIABLE = "PERSONIZE_SECRET_KEY";

/**
 * What a command is going to use. The form of the whole file is always checked; environment variables, the secret key and the
 * connector's own options only where they are needed, so that `status` works on a machine that holds no secrets.
 */
export interface ConfigNeeds {
  /** `required`: it is a problem when there is none. `optional`: it may be null. */
  readonly secretKey: "required" | "optional" | "unused";
  /** `none`: the command is not about syncs, and the configuration may hold none for this program. */
  readonly syncs: "selected" | "none";
  readonly source: boolean;
  readonly mapping: boolean;
}

export interface LoadOptions {
  readonly cwd: string;
  readonly env: Environment;
  /** `--config`; null: looked for in `cwd`. */
  readonly file: string | null;
  readonly connectors: readonly Connector[];
  /** `--only`; null: every sync of these connectors. */
  readonly only: readonly string[] | null;
  readonly needs: ConfigNeeds;
  /** Is told every secret as soon as it is known, so that no later output repeats it. */
  readonly redactor?: Redactor;
}

export interface LoadedConfig {
  readonly file: string;
  /** What relative paths in the file are relative to. */
  readonly directory: string;
  readonly personize: Omit<PersonizeSettings, "secretKey">;
  /** From the file or from PERSONIZE_SECRET_KEY; null where there is none and none was required. */
  readonly secretKey: string | null;
  readonly stateFile: string;
  readonly engine: SyncConfig["engine"];
  /** The syncs to work on, in the order of the file. */
  readonly syncs: readonly LoadedSync[];
  /** Syncs of connectors that this program does not have. */
  readonly otherSyncs: readonly { readonly name: string; readonly connector: string }[];
}

export interface LoadedSync {
  readonly name: string;
  readonly connector: Connector;
  /** Checked by the connector's schema; undefined where the source was not needed. */
  readonly source: unknown;
  /** null: none is written yet. */
  readonly mapping: MappingConfig | null;
  readonly schedule: string | null;
  /** Digest of the sync's configuration without its secrets. */
  readonly digest: string;
}

/**
 * Finds, reads, interpolates and checks a configuration. Every problem of the file is reported at once, with its line.
 * @throws ConfigError. No message holds a value of the file, let alone a secret.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const redactor = options.redactor ?? createRedactor(options.connectors.map((connector) => connector.name));
  const file = await findConfigFile(options.cwd, options.file);
  const env = await readEnvironment(dirname(file), options.env);
  const source = await readConfigFile(file, env);
  return checkConfig({ ...options, redactor }, file, env, source);
}

function checkConfig(
  options: LoadOptions & { readonly redactor: Redactor },
  file: string,
  env: Environment,
  source: ConfigSource,
): LoadedConfig {
  const { needs, redactor } = options;
  const problems: ConfigProblem[] = [];
  const report = (problem: Omit<ConfigProblem, "line">): void => {
    problems.push({ ...problem, message: redactor.redact(problem.message), line: source.lineOf(problem.path) });
  };
  const stopAtProblems = (): void => {
    if (problems.length > 0) throw toConfigError(basename(file), problems);
  };

  if (!isPlainObject(source.value)) {
    throw new ConfigError(`${basename(file)} ${source.value === null ? "is empty" : "holds no options"}`, {
      hint: "Start with a `syncs:` section; `--help` shows an example.",
    });
  }

  const { value: interpolated, references } = interpolate(source.value, env);
  redactor.add(secretsOf(interpolated, references, env));

  const view = viewSchema(syncConfig);
  const root = fitInterpolated(interpolated, references, view);
  const parsed = syncConfig.safeParse(root);
  const unset = references.filter((reference) => reference.outcome !== "replaced");
  const isUnset = (path: ConfigPath): boolean => unset.some((reference) => startsWith(path, reference.path));
  if (!parsed.success) {
    for (const problem of zodProblems(parsed.error.issues, root, view)) if (!isUnset(problem.path)) report(problem);
  }

  const selection = selectSyncs(root, options, report);
  const used = usedParts(needs, selection);
  for (const reference of unset) {
    const isUsed = used.some((path) => startsWith(reference.path, path));
    const isKey = startsWith(reference.path, ["personize", "secretKey"]);
    // Without the form of the file being right there is nothing to go on with; then even an unneeded variable is to blame.
    if ((isUsed && !isKey) || reference.outcome === "malformed") report(toProblem(reference));
  }

  const secretKey = findSecretKey(root, unset, env);
  if (secretKey !== null) redactor.add([secretKey]);
  if (needs.secretKey === "required" && secretKey === null) report(missingKey(unset));

  const syncs = selection.flatMap(({ name, connector }) => {
    const sync = checkSync(name, connector, root, references, { needs, redactor, report, isUnset });
    return sync === null ? [] : [sync];
  });
  stopAtProblems();

  if (!parsed.success) {
    for (const reference of unset) report(toProblem(reference));
    stopAtProblems();
    throw new ConfigError(`${basename(file)} cannot be understood`, { hint: "Compare it with the documentation." });
  }
  const config = parsed.data;
  const { secretKey: _, ...personize } = config.personize;
  return {
    file,
    directory: dirname(file),
    personize,
    secretKey,
    stateFile: resolve(dirname(file), config.state),
    engine: config.engine,
    syncs: syncs.map((sync) => {
      const entry = config.syncs[sync.name];
      return { ...sync, mapping: entry?.mapping ?? null, schedule: entry?.schedule ?? null };
    }),
    otherSyncs: Object.entries(config.syncs).flatMap(([name, entry]) =>
      options.connectors.some((connector) => connector.name === entry.connector)
        ? []
        : [{ name, connector: entry.connector }],
    ),
  };
}

const ONLY_HINT = "Name syncs of the configuration behind --only, or leave it out to work on all of them.";

type Report = (problem: Omit<ConfigProblem, "line">) => void;
type Selection = readonly { readonly name: string; readonly connector: Connector }[];

/** The syncs of this program's connectors, as far as `--only` wants them. Works on a file that is wrong elsewhere. */
function selectSyncs(root: unknown, options: LoadOptions, report: Report): Selection {
  if (options.needs.syncs === "none") return [];
  const entries = Object.entries(asObject(valueAt(root, ["syncs"])) ?? {});
  if (entries.length === 0) return [];
  const known = options.connectors.map((connector) => connector.name);
  const mine: { name: string; connector: Connector }[] = [];
  const others = new Map<string, string>();
  let misspelt = false;
  for (const [name, entry] of entries) {
    const wanted = asObject(entry)?.["connector"];
    if (typeof wanted !== "string") continue;
    const connector = options.connectors.find((candidate) => candidate.name === wanted);
    if (connector !== undefined) {
      mine.push({ name, connector });
      continue;
    }
    others.set(name, wanted);
    const close = didYouMean(wanted, known);
    if (close !== null) {
      misspelt = true;
      report({
        path: ["syncs", name, "connector"],
        message: `unknown connector. Did you mean "${close}"?`,
        hint: null,
      });
    }
  }

  for (const name of options.only ?? []) {
    const other = others.get(name);
    if (other !== undefined) {
      report({
        path: [],
        message: `--only ${name}: this sync uses the connector "${other}"; this program has ${quoteAll(known)}`,
        hint: "Run it with the program of its connector.",
      });
    } else if (!mine.some((sync) => sync.name === name)) {
      const advice = suggestion(
        name,
        mine.map((sync) => sync.name),
      );
      report({ path: [], message: `--only ${name}: there is no such sync. ${advice}`, hint: ONLY_HINT });
    }
  }
  if (mine.length === 0 && others.size > 0 && !misspelt) {
    report({
      path: ["syncs"],
      message: `no sync uses ${quoteAll(known)}; configured are ${quoteAll([...new Set(others.values())])}`,
      hint: `Add a sync with connector: ${known[0] ?? "…"}, or run the program of the connector that is configured.`,
    });
  }
  const only = options.only;
  return only === null ? mine : mine.filter((sync) => only.includes(sync.name));
}

/** The parts of the file whose environment variables have to be set. */
function usedParts(needs: ConfigNeeds, selection: Selection): readonly ConfigPath[] {
  const used: ConfigPath[] = [["state"], ["version"]];
  if (needs.secretKey !== "unused") used.push(["personize"], ["engine"]);
  for (const { name } of selection) {
    used.push(["syncs", name, "connector"]);
    if (needs.source) used.push(["syncs", name, "source"]);
    if (needs.mapping) used.push(["syncs", name, "mapping"], ["syncs", name, "deletes"]);
  }
  return used;
}

/** One sync against its connector's own schema. */
function checkSync(
  name: string,
  connector: Connector,
  root: unknown,
  references: readonly Reference[],
  context: {
    readonly needs: ConfigNeeds;
    readonly redactor: Redactor;
    readonly report: Report;
    readonly isUnset: (path: ConfigPath) => boolean;
  },
): Omit<LoadedSync, "mapping" | "schedule"> | null {
  const entry = asObject(valueAt(root, ["syncs", name]));
  const start: ConfigPath = ["syncs", name, "source"];
  const view = viewSchema(connector.config);
  const own = references
    .filter((reference) => startsWith(reference.path, start))
    .map((reference) => ({ ...reference, path: reference.path.slice(start.length) }));
  const source = fitInterpolated(entry?.["source"], own, view);
  context.redactor.add(collectSecrets(source, (path) => view.isSecret(path)));

  const isSecret = (path: ConfigPath): boolean => path[0] === "source" && view.isSecret(path.slice(1));
  // When a sync runs does not change what it does: the schedule stays out.
  const digest = configDigest({ ...entry, source, schedule: undefined }, isSecret);

  if (context.needs.mapping && entry !== null && entry["mapping"] === undefined) {
    context.report({
      path: ["syncs", name, "mapping"],
      message: "is missing; nothing says yet which field becomes which property",
      hint: "`discover` lists the source's fields and the organisation's collections.",
    });
  }
  if (!context.needs.source || source === undefined) return { name, connector, source: undefined, digest };
  const parsed = connector.config.safeParse(source);
  if (parsed.success) return { name, connector, source: parsed.data, digest };
  for (const problem of zodProblems(parsed.error.issues, source, view)) {
    const path = [...start, ...problem.path];
    if (!context.isUnset(path)) context.report({ ...problem, path });
  }
  return null;
}

/** Where a variable is to blame, and how to set it. */
function toProblem(reference: Reference): Omit<ConfigProblem, "line"> {
  const { path, variable, outcome } = reference;
  if (variable === null) {
    return {
      path,
      message: "holds ${ without a variable's name behind it",
      hint: "Write ${NAME} or ${NAME:-default}; a literal ${ is written $${.",
    };
  }
  return {
    path,
    message: `the environment variable ${variable} is ${outcome === "empty" ? "set, but empty" : "not set"}`,
    hint: `Set it (export ${variable}=…, or a line ${variable}=… in the file .env beside the configuration), or give a default with \${${variable}:-…}.`,
  };
}

/** The key of the file, unless its variable is unset; else the environment's. */
function findSecretKey(root: unknown, unset: readonly Reference[], env: Environment): string | null {
  const written = valueAt(root, ["personize", "secretKey"]);
  const isUnset = unset.some((reference) => startsWith(reference.path, ["personize", "secretKey"]));
  if (typeof written === "string" && written.trim() !== "" && !isUnset) return written.trim();
  const fallback = env[SECRET_KEY_VARIABLE]?.trim();
  return fallback === undefined || fallback === "" ? null : fallback;
}

function missingKey(unset: readonly Reference[]): Omit<ConfigProblem, "line"> {
  const path: ConfigPath = ["personize", "secretKey"];
  const blamed = unset.find((reference) => startsWith(reference.path, path));
  const named = blamed?.variable ?? null;
  const because =
    named === null || named === SECRET_KEY_VARIABLE
      ? `${SECRET_KEY_VARIABLE} is not set`
      : `neither ${named} nor ${SECRET_KEY_VARIABLE} is set`;
  return { path, message: `there is no Personize secret key: ${because}, and the file names none`, hint: KEY_HINT };
}

const KEY_HINT = `Set the environment variable ${SECRET_KEY_VARIABLE} (or a line in the file .env beside the configuration), or personize.secretKey.`;

/** The error for a command that turns out to need the key although it could start without one. */
export function missingSecretKey(): ConfigError {
  return new ConfigError(
    `there is no Personize secret key: personize.secretKey is not set, nor is ${SECRET_KEY_VARIABLE}`,
    {
      hint: KEY_HINT,
    },
  );
}

/** What can be told to be secret before any connector's schema is known. */
function secretsOf(root: unknown, references: readonly Reference[], env: Environment): readonly string[] {
  const values = references.flatMap(({ variable }) => {
    const value = variable === null ? undefined : env[variable];
    if (variable === null || value === undefined) return [];
    return looksSecret(variable) ? [value, ...secretsInUrl(value)] : secretsInUrl(value);
  });
  const syncs = Object.values(asObject(valueAt(root, ["syncs"])) ?? {});
  const sources = syncs.map((sync) => asObject(sync)?.["source"]);
  return [...values, ...collectSecrets([valueAt(root, ["personize"]), ...sources], nothingMarked)];
}

function nothingMarked(): boolean {
  return false;
}

function asObject(value: unknown): Record<string, unknown> | null {
  return isPlainObject(value) ? value : null;
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
