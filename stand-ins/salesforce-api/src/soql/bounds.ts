import type { Condition } from "./ast.ts";

/** Stamps that rows matching a condition can have; both ends belong to it. In milliseconds. */
export interface Bounds {
  readonly fromMs: number;
  readonly toMs: number;
}

const EVERYTHING: Bounds = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/** The narrowest span of SystemModstamp that a condition is known to imply; what it cannot see does not narrow. */
export function stampBounds(condition: Condition | undefined): Bounds {
  if (condition === undefined) return EVERYTHING;
  switch (condition.kind) {
    case "not":
      return EVERYTHING;
    case "and":
      return condition.conditions.map(stampBounds).reduce((left, right) => ({
        fromMs: Math.max(left.fromMs, right.fromMs),
        toMs: Math.min(left.toMs, right.toMs),
      }));
    case "or":
      return condition.conditions.map(stampBounds).reduce((left, right) => ({
        fromMs: Math.min(left.fromMs, right.fromMs),
        toMs: Math.max(left.toMs, right.toMs),
      }));
    case "comparison":
      return comparisonBounds(condition);
  }
}

function comparisonBounds(condition: Extract<Condition, { kind: "comparison" }>): Bounds {
  const [literal] = condition.literals;
  const [name = ""] = condition.path.names;
  const isStamp = condition.path.names.length === 1 && name.toLowerCase() === "systemmodstamp";
  if (!isStamp || literal?.kind !== "datetime") return EVERYTHING;
  const { timeMs } = literal;
  switch (condition.operator) {
    case "=":
      return { fromMs: timeMs, toMs: timeMs };
    case ">":
    case ">=":
      return { fromMs: timeMs, toMs: Number.POSITIVE_INFINITY };
    case "<":
    case "<=":
      return { fromMs: Number.NEGATIVE_INFINITY, toMs: timeMs };
    case "!=":
    case "LIKE":
    case "IN":
    case "NOT IN":
    case "INCLUDES":
    case "EXCLUDES":
      return EVERYTHING;
  }
}
