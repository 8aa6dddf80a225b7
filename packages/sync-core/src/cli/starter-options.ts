import { parse } from "yaml";
import { fitInterpolated } from "../config/fit-interpolated.ts";
import { type Environment, interpolate } from "../config/interpolate.ts";
import { isPlainObject } from "../config/plain-object.ts";
import type { Redactor } from "../config/redactor.ts";
import { type SchemaView, viewSchema } from "../config/schema-view.ts";
import { collectSecrets, looksSecret, secretsInUrl } from "../config/secrets.ts";
import { zodProblems } from "../config/zod-problems.ts";
import { formatPath } from "../config/config-path.ts";
import type { Connector } from "../contracts/connector.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { Json, JsonObject } from "../contracts/json.ts";
import { suggestion } from "../mapping/did-you-mean.ts";

/**
 * The `source:` section that a connector begins with, changed by `--set NAME=VALUE`; `NAME=` takes an option out, `a.b=` reaches
 * into a group.
 * @throws ConfigError for an option that does not exist, and for a secret that is written out.
 */
export function toSourceOptions(connector: Connector, begin: JsonObject, settings: readonly string[]): JsonObject {
  const view = viewSchema(connector.config);
  return settings.reduce<JsonObject>((options, setting) => {
    const at = setting.indexOf("=");
    const name = at === -1 ? setting : setting.slice(0, at);
    const path = name.split(".");
    const [first = ""] = path;
    if (at < 1) {
      throw new ConfigError("--set wants NAME=VALUE", { hint: `For example --set ${view.optionNames([])[0]}=…` });
    }
    const known = view.optionNames(path.slice(0, -1));
    if (!known.includes(path.at(-1) ?? "")) {
      throw new ConfigError(`--set: ${connector.name} has no option "${first}"`, {
        hint: suggestion(path.at(-1) ?? "", known),
      });
    }
    const text = setting.slice(at + 1);
    refuseSecret(path, text, view);
    return setAt(options, path, text === "" ? undefined : toValue(path, text, view));
  }, begin);
}

function refuseSecret(path: readonly string[], text: string, view: SchemaView): void {
  const isSecret = view.isSecret(path) || looksSecret(path.at(-1) ?? "") || secretsInUrl(text).length > 0;
  if (!isSecret || text === "" || /^\$\{[A-Za-z_]\w*\}$/.test(text)) return;
  throw new ConfigError(`--set: ${formatPath(path)} is a secret, and would be written into the file`, {
    hint: `Put it into an environment variable, and write --set '${formatPath(path)}=\${NAME}'.`,
  });
}

function toValue(path: readonly string[], text: string, view: SchemaView): Json {
  if (view.acceptsText(path)) return text;
  try {
    const value: Json = parse(text);
    return value;
  } catch {
    throw new ConfigError(`--set: the value of ${formatPath(path)} cannot be understood`, {
      hint: "Numbers and true or false as they are; lists as [a, b].",
    });
  }
}

function setAt(options: JsonObject, path: readonly string[], value: Json | undefined): JsonObject {
  const [name = "", ...rest] = path;
  const { [name]: before, ...others } = options;
  if (rest.length === 0) return value === undefined ? others : { ...options, [name]: value };
  const group = isPlainObject(before) ? (before as JsonObject) : {};
  return { ...options, [name]: setAt(group, rest, value) };
}

/** A connector's options with the environment put in: what it can be created with, or the variables that are not set. */
export type ResolvedOptions = { readonly config: unknown } | { readonly unset: readonly string[] };

/**
 * Puts the environment into options and checks them with the connector's schema. Secrets are told to `redactor`.
 * @throws ConfigError when they do not fit.
 */
export function resolveOptions(
  connector: Connector,
  options: JsonObject,
  env: Environment,
  redactor: Redactor,
): ResolvedOptions {
  const { value, references } = interpolate(options, env);
  const unset = references.flatMap(({ variable, outcome }) =>
    outcome === "replaced" || variable === null ? [] : [variable],
  );
  if (unset.length > 0) return { unset: [...new Set(unset)] };
  const view = viewSchema(connector.config);
  const fitted = fitInterpolated(value, references, view);
  redactor.add(collectSecrets(fitted, (path) => view.isSecret(path)));
  const parsed = connector.config.safeParse(fitted);
  if (parsed.success) return { config: parsed.data };
  const problems = zodProblems(parsed.error.issues, fitted, view);
  throw new ConfigError(
    `the options for ${connector.name} do not fit:\n${problems
      .map(({ path, message }) => `  - ${path.length === 0 ? "" : `${formatPath(path)}: `}${redactor.redact(message)}`)
      .join("\n")}`,
    { hint: "Correct them with --set NAME=VALUE, or in the environment." },
  );
}
