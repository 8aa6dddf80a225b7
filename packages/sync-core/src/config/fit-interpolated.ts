import type { ConfigPath } from "./config-path.ts";
import type { Reference } from "./interpolate.ts";
import { isPlainObject } from "./plain-object.ts";
import type { SchemaView } from "./schema-view.ts";

/**
 * What comes from the environment is always text. Where the schema wants a number or true/false, and the whole value came from
 * one variable, it is converted. A value that could not be replaced and does not fit as text is left out, so that a default
 * can take its place; whoever needs it reports the variable. Pure.
 */
export function fitInterpolated(root: unknown, references: readonly Reference[], view: SchemaView): unknown {
  const byPath = new Map(references.filter(({ whole }) => whole).map((one) => [JSON.stringify(one.path), one]));
  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (isPlainObject(value)) {
      return Object.fromEntries(
        Object.entries(value).flatMap(([name, item]) => {
          const fitted = walk(item, [...path, name]);
          return fitted === LEFT_OUT ? [] : [[name, fitted]];
        }),
      );
    }
    const reference = byPath.get(JSON.stringify(path));
    if (typeof value !== "string" || reference === undefined || view.acceptsText(path)) return value;
    if (reference.outcome !== "replaced") return LEFT_OUT;
    if (view.acceptsNumber(path) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
    if (view.acceptsBoolean(path) && /^(true|false)$/.test(value)) return value === "true";
    return value;
  };
  const fitted = walk(root, []);
  return fitted === LEFT_OUT ? undefined : fitted;
}

/** The same configuration without the options at `paths`. Pure. */
export function leaveOut(root: unknown, paths: readonly ConfigPath[]): unknown {
  const left = new Set(paths.map((path) => JSON.stringify(path)));
  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (!isPlainObject(value)) return value;
    const kept = Object.entries(value).filter(([name]) => !left.has(JSON.stringify([...path, name])));
    return Object.fromEntries(kept.map(([name, item]) => [name, walk(item, [...path, name])]));
  };
  return walk(root, []);
}

const LEFT_OUT = Symbol("left out");
