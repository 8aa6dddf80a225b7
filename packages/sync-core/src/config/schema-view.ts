import { z } from "zod";
import { type ConfigPath } from "./config-path.ts";
import { isPlainObject } from "./plain-object.ts";

/**
 * What a zod schema says about one place of a configuration, read from its JSON Schema, so that it works for the schema of any
 * connector, whichever way it is composed.
 */
export interface SchemaView {
  /** The options that may stand at `path`; empty where any name may. */
  optionNames(path: ConfigPath): readonly string[];
  /** Whether a text fits at `path`. True where nothing is known. */
  acceptsText(path: ConfigPath): boolean;
  acceptsNumber(path: ConfigPath): boolean;
  acceptsBoolean(path: ConfigPath): boolean;
  /** Whether the schema marks `path`, or anything it lies in, with `.meta({ secret: true })`. */
  isSecret(path: ConfigPath): boolean;
  /** The forms that an object may have at `path`, as lists of option names. */
  forms(path: ConfigPath): readonly (readonly string[])[];
}

type Node = Readonly<Record<string, unknown>>;

export function viewSchema(schema: z.ZodType): SchemaView {
  const root: unknown = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  const definitions = isPlainObject(root) && isPlainObject(root["$defs"]) ? root["$defs"] : {};

  /** A node and everything it may stand for. */
  const alternatives = (node: unknown, depth = 0): Node[] => {
    // A recursive schema would go on for ever; no configuration is that deep.
    if (!isPlainObject(node) || depth > 16) return [];
    const nested = ["anyOf", "oneOf", "allOf"].flatMap((name) => {
      const list = node[name];
      return Array.isArray(list) ? list.flatMap((item) => alternatives(item, depth + 1)) : [];
    });
    const reference = typeof node["$ref"] === "string" ? /^#\/\$defs\/(.+)$/.exec(node["$ref"])?.[1] : undefined;
    const referred = reference === undefined ? [] : alternatives(definitions[decodeURIComponent(reference)], depth + 1);
    return [node, ...nested, ...referred];
  };

  const step = (nodes: readonly Node[], part: string | number): Node[] =>
    nodes.flatMap((node) => {
      if (typeof part === "number") return alternatives(node["items"]);
      const properties = node["properties"];
      if (isPlainObject(properties) && Object.hasOwn(properties, part)) return alternatives(properties[part]);
      return alternatives(node["additionalProperties"]);
    });

  const nodesAt = (path: ConfigPath): Node[] => path.reduce<Node[]>(step, alternatives(root));

  const accepts = (path: ConfigPath, ...types: string[]): boolean => {
    const nodes = nodesAt(path);
    const typed = nodes.filter((node) => node["type"] !== undefined);
    if (typed.length === 0) return true;
    return typed.some((node) => typeof node["type"] === "string" && types.includes(node["type"]));
  };

  return {
    optionNames: (path) => [
      ...new Set(
        nodesAt(path).flatMap((node) => (isPlainObject(node["properties"]) ? Object.keys(node["properties"]) : [])),
      ),
    ],
    acceptsText: (path) => accepts(path, "string"),
    acceptsNumber: (path) => accepts(path, "number", "integer"),
    acceptsBoolean: (path) => accepts(path, "boolean"),
    isSecret(path) {
      let nodes = alternatives(root);
      if (nodes.some((node) => node["secret"] === true)) return true;
      for (const part of path) {
        nodes = step(nodes, part);
        if (nodes.some((node) => node["secret"] === true)) return true;
      }
      return false;
    },
    forms: (path) =>
      nodesAt(path).flatMap((node) => (isPlainObject(node["properties"]) ? [Object.keys(node["properties"])] : [])),
  };
}
