import { isPlainObject } from "./plain-object.ts";
import type { ConfigPath } from "./config-path.ts";

/** A `${NAME}` that was found in a value, and what became of it. */
export interface Reference {
  readonly path: ConfigPath;
  /** null: what stands between the braces is no variable name. */
  readonly variable: string | null;
  readonly outcome: "replaced" | "unset" | "empty" | "malformed";
  /** True when the value is this reference and nothing else. */
  readonly whole: boolean;
}

export interface Interpolated {
  readonly value: unknown;
  readonly references: readonly Reference[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** `$${` is a literal `${`; `${NAME}` and `${NAME:-default}` are references; any other `${` is a mistake. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` inside every text of a parsed configuration. Keys are left alone. Since the file
 * is parsed before, a value cannot break its syntax; what a value brings in is not interpolated again. References that
 * cannot be replaced stay as they are and are listed. Pure.
 *
 * As in a shell, `:-` also covers a variable that is set but empty; without a default, empty counts as a problem, because that
 * is how a missing secret looks on most build servers.
 */
export function interpolate(root: unknown, env: Environment): Interpolated {
  const references: Reference[] = [];
  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (typeof value === "string") return replace(value, path);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (isPlainObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, [...path, name])]));
    }
    return value;
  };
  const replace = (text: string, path: ConfigPath): string =>
    text.replace(REFERENCE, (match, variable: string | undefined, fallback: string | undefined) => {
      if (match === "$${") return "${";
      const whole = match === text;
      if (variable === undefined) {
        references.push({ path, variable: null, outcome: "malformed", whole });
        return match;
      }
      const set = Object.hasOwn(env, variable) ? env[variable] : undefined;
      const value = set === undefined || set === "" ? fallback : set;
      if (value === undefined) {
        references.push({ path, variable, outcome: set === undefined ? "unset" : "empty", whole });
        return match;
      }
      references.push({ path, variable, outcome: "replaced", whole });
      return value;
    });
  return { value: walk(root, []), references };
}
