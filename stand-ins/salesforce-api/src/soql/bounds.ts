import { normalizeId } from "../org/ids.ts";
import type { Condition, Literal } from "./ast.ts";

/** What rows matching a condition are known to have; what it cannot see does not narrow. Both ends belong to a span. */
export interface Bounds {
  /** SystemModstamp, in milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Ids of 18 characters. */
  readonly fromId: string;
  readonly toId: string;
  /** The only ids there can be; undefined: any. */
  readonly ids: ReadonlySet<string> | undefined;
}

/** Behind every id. */
const LAST_ID = "~";

const EVERYTHING: Bounds = {
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
  fromId: "",
  toId: LAST_ID,
  ids: undefined,
};

/** The narrowest bounds that a condition is known to imply. */
export function toBounds(condition: Condition | undefined): Bounds {
  if (condition === undefined) return EVERYTHING;
  switch (condition.kind) {
    case "not":
      return EVERYTHING;
    case "and":
      return condition.conditions.map(toBounds).reduce(both);
    case "or":
      return condition.conditions.map(toBounds).reduce(either);
    case "comparison":
      return comparisonBounds(condition);
  }
}

function both(left: Bounds, right: Bounds): Bounds {
  return {
    fromMs: Math.max(left.fromMs, right.fromMs),
    toMs: Math.min(left.toMs, right.toMs),
    fromId: left.fromId > right.fromId ? left.fromId : right.fromId,
    toId: left.toId < right.toId ? left.toId : right.toId,
    ids: intersect(left.ids, right.ids),
  };
}

function intersect(left: Bounds["ids"], right: Bounds["ids"]): Bounds["ids"] {
  if (left === undefined || right === undefined) return left ?? right;
  return new Set([...left].filter((id) => right.has(id)));
}

function either(left: Bounds, right: Bounds): Bounds {
  return {
    fromMs: Math.min(left.fromMs, right.fromMs),
    toMs: Math.max(left.toMs, right.toMs),
    fromId: left.fromId < right.fromId ? left.fromId : right.fromId,
    toId: left.toId > right.toId ? left.toId : right.toId,
    ids: left.ids === undefined || right.ids === undefined ? undefined : new Set([...left.ids, ...right.ids]),
  };
}

function comparisonBounds({ path, operator, literals }: Extract<Condition, { kind: "comparison" }>): Bounds {
  const name = path.names.length === 1 ? (path.names[0] ?? "").toLowerCase() : "";
  const [literal] = literals;
  if (name === "systemmodstamp" && literal?.kind === "datetime") {
    const { timeMs } = literal;
    if (operator === "=") return { ...EVERYTHING, fromMs: timeMs, toMs: timeMs };
    if (operator === ">" || operator === ">=") return { ...EVERYTHING, fromMs: timeMs };
    if (operator === "<" || operator === "<=") return { ...EVERYTHING, toMs: timeMs };
  }
  if (name === "id") {
    if (operator === "=" || operator === "IN") return { ...EVERYTHING, ids: new Set(literals.flatMap(toIds)) };
    const [id] = literal === undefined ? [] : toIds(literal);
    if (id !== undefined && (operator === ">" || operator === ">=")) return { ...EVERYTHING, fromId: id };
    if (id !== undefined && (operator === "<" || operator === "<=")) return { ...EVERYTHING, toId: id };
  }
  return EVERYTHING;
}

function toIds(literal: Literal): readonly string[] {
  const id = literal.kind === "text" ? normalizeId(literal.text) : undefined;
  return id === undefined ? [] : [id];
}
