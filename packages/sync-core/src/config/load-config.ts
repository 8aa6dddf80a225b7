import { basename, dirname, resolve } from "node:path";
import type { Connector } from "../contracts/connector.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { DeletePolicy } from "../contracts/job.ts";
import type { MappingConfig } from "../mapping/mapping-config.ts";
import { configDigest } from "./config-digest.ts";
import { type ConfigPath, samePath, startsWith, valueAt } from "./config-path.ts";
import { type ConfigProblem, type ReportProblem, toConfigError } from "./config-problem.ts";
import { findConfigFile } from "./find-config-file.ts";
import { fitInterpolated, leaveOut } from "./fit-interpolated.ts";
import { type Environment, interpolate, type Reference } from "./interpolate.ts";
import { isPlainObject } from "./plain-object.ts";
import { checkSection, type RunnerSchemas } from "./runner-section.ts";
import { type ConfigSource, readConfigFile } from "./read-config-file.ts";
import { readEnvironment } from "./read-environment.ts";
import { createRedactor, type Redactor } from "./redactor.ts";
import { viewSchema } from "./schema-view.ts";
import { findSecretKey, missingKey } from "./secret-key.ts";
import { stateScheme } from "./state-scheme.ts";
import { collectSecrets, looksSecret, secretsInUrl } from "./secrets.ts";
import { type Selection, selectSyncs } from "./select-syncs.ts";
import { DEFAULT_MAX_DELETE_SHARE, type PersonizeSettings, type SyncConfig, syncConfig } from "./sync-config.ts";
import { zodProblems } from "./zod-problems.ts";

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
  /** All `runner` sections and the schedules; absent: not needed. */
  readonly runner?: boolean;
  /** The schedules and the `runner` sections of the syncs alone, without what only a service needs; absent: not needed. */
  readonly schedules?: boolean;
}

export interface LoadOptions {
  readonly cwd: string;
  readonly env: Environment;
  /** `--config`; null: looked for in `cwd`. */
  readonly file: string | null;
  readonly connectors: readonly Connector[];
  /** Only the runner has them. */
  readonly runner?: RunnerSchemas;
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
  /** Where the state is kept: the absolute path of a file, or a URL, which may hold a password. */
  readonly state: string;
  readonly engine: SyncConfig["engine"];
  /** The section `runner` by the schema of {@link LoadOptions.runner}; undefined where it was not needed. */
  readonly runner: unknown;
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
  /** Its section `runner`, as {@link LoadedConfig.runner}. */
  readonly runner: unknown;
  /** Digest of the sync's configuration without its secrets. */
  readonly digest: string;
  /** null: records of rows that are gone stay. */
  readonly deletes: DeletePolicy | null;
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
      hint: "Start with a `syncs:` section that names one sync.",
    });
  }

  const { value: interpolated, references } = interpolate(source.value, env);
  redactor.add(secretsOf(interpolated, references, env));

  const view = viewSchema(syncConfig);
  const unset = references.filter((reference) => reference.outcome !== "replaced");
  let root = fitInterpolated(interpolated, references, view);
  let parsed = syncConfig.safeParse(root);
  if (!parsed.success && unset.length > 0) {
    // What an unset variable spoils must not stop a command that does not use it: defaults take its place.
    const spoilt = parsed.error.issues.map(({ path }) => unset.find((one) => samePath(one.path, path)));
    root = leaveOut(
      root,
      spoilt.flatMap((reference) => (reference === undefined ? [] : [reference.path])),
    );
    parsed = syncConfig.safeParse(root);
  }
  const isUnset = (path: ConfigPath): boolean => unset.some((reference) => startsWith(path, reference.path));
  if (!parsed.success) {
    for (const problem of zodProblems(parsed.error.issues, root, view)) if (!isUnset(problem.path)) report(problem);
  }

  const selection = needs.syncs === "none" ? [] : selectSyncs(root, options, report);
  const schemas = needs.runner === true || needs.schedules === true ? options.runner : undefined;
  const section = { root, references, redactor, report, isUnset };
  const runner =
    schemas === undefined || needs.runner !== true ? undefined : checkSection(schemas.config, ["runner"], section);
  const used = usedParts(needs, selection);
  for (const reference of unset) {
    const isUsed = used.some((path) => startsWith(reference.path, path));
    const isKey = startsWith(reference.path, ["personize", "secretKey"]);
    if ((isUsed && !isKey) || reference.outcome === "malformed") report(toProblem(reference));
  }

  const secretKey = findSecretKey(root, unset, env);
  if (secretKey !== null) redactor.add([secretKey]);
  if (needs.secretKey === "required" && secretKey === null) report(missingKey(unset));

  const syncs = selection.flatMap(({ name, connector }) => {
    const sync = checkSync(name, connector, root, references, { needs, redactor, report, isUnset });
    const own =
      schemas === undefined ? undefined : checkSection(schemas.syncConfig, ["syncs", name, "runner"], section);
    return sync === null ? [] : [{ ...sync, runner: own }];
  });
  stopAtProblems();

  if (!parsed.success) {
    // Without the form of the file being right there is nothing to go on with; then even an unneeded variable is to blame.
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
    state: stateScheme(config.state) === null ? resolve(dirname(file), config.state) : config.state,
    engine: config.engine,
    runner,
    syncs: syncs.map((sync) => {
      const entry = config.syncs[sync.name];
      const { sourceDigest, ...rest } = sync;
      const maxShare = entry?.maxDeleteShare ?? DEFAULT_MAX_DELETE_SHARE;
      return {
        ...rest,
        mapping: entry?.mapping ?? null,
        schedule: entry?.schedule ?? null,
        deletes: entry?.deletes === "delete" ? { selection: sourceDigest, maxShare } : null,
      };
    }),
    otherSyncs: Object.entries(config.syncs).flatMap(([name, entry]) =>
      options.connectors.some((connector) => connector.name === entry.connector)
        ? []
        : [{ name, connector: entry.connector }],
    ),
  };
}

/** The parts of the file whose environment variables have to be set. */
function usedParts(needs: ConfigNeeds, selection: Selection): readonly ConfigPath[] {
  const used: ConfigPath[] = [["state"], ["version"]];
  if (needs.runner === true) used.push(["runner"]);
  if (needs.secretKey !== "unused") used.push(["personize"], ["engine"]);
  for (const { name } of selection) {
    used.push(["syncs", name, "connector"]);
    if (needs.runner === true || needs.schedules === true)
      used.push(["syncs", name, "runner"], ["syncs", name, "schedule"]);
    if (needs.source) used.push(["syncs", name, "source"]);
    if (needs.mapping)
      used.push(["syncs", name, "mapping"], ["syncs", name, "deletes"], ["syncs", name, "maxDeleteShare"]);
  }
  return used;
}

/** What is known of a sync without the checked form of the whole file. */
interface SyncSource extends Omit<LoadedSync, "mapping" | "schedule" | "runner" | "deletes"> {
  /** Digest of the connector's options without their secrets. */
  readonly sourceDigest: string;
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
    readonly report: ReportProblem;
    readonly isUnset: (path: ConfigPath) => boolean;
  },
): SyncSource | null {
  const entry = asObject(valueAt(root, ["syncs", name]));
  const start: ConfigPath = ["syncs", name, "source"];
  const view = viewSchema(connector.config);
  const own = references
    .filter((reference) => startsWith(reference.path, start))
    .map((reference) => ({ ...reference, path: reference.path.slice(start.length) }));
  const source = fitInterpolated(entry?.["source"], own, view);
  context.redactor.add(collectSecrets(source, (path) => view.isSecret(path)));

  const isSecret = (path: ConfigPath): boolean => path[0] === "source" && view.isSecret(path.slice(1));
  // When a sync runs does not change what it does: the schedule and the runner's options stay out.
  const digest = configDigest({ ...entry, source, schedule: undefined, runner: undefined }, isSecret);
  const sourceDigest = configDigest({ source }, isSecret);

  if (context.needs.mapping && entry !== null && entry["mapping"] === undefined) {
    context.report({
      path: ["syncs", name, "mapping"],
      message: "is missing; nothing says yet which field becomes which property",
      hint: "`init` proposes one; `discover` lists the source's fields and the organisation's collections.",
    });
  }
  if (!context.needs.source || source === undefined)
    return { name, connector, source: undefined, digest, sourceDigest };
  const parsed = connector.config.safeParse(source);
  if (parsed.success) return { name, connector, source: parsed.data, digest, sourceDigest };
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

/** What can be told to be secret before any connector's schema is known. */
function secretsOf(root: unknown, references: readonly Reference[], env: Environment): readonly string[] {
  const values = references.flatMap(({ variable }) => {
    const value = variable === null ? undefined : env[variable];
    if (variable === null || value === undefined) return [];
    return looksSecret(variable) ? [value, ...secretsInUrl(value)] : secretsInUrl(value);
  });
  const syncs = Object.values(asObject(valueAt(root, ["syncs"])) ?? {});
  const sources = syncs.map((sync) => asObject(sync)?.["source"]);
  const kept = [valueAt(root, ["personize"]), valueAt(root, ["state"]), ...sources];
  return [...values, ...collectSecrets(kept, nothingMarked)];
}

function nothingMarked(): boolean {
  return false;
}

function asObject(value: unknown): Record<string, unknown> | null {
  return isPlainObject(value) ? value : null;
}
