import type { ValueType } from "./values.ts";

/** What kind of window a cursor column allows. */
export type CursorKind = "timestamptz" | "timestamp" | "date" | "value";

/** What a column can do as a cursor; null: it cannot be one. */
export function toCursorKind({ kind }: ValueType, baseOid: string): CursorKind | null {
  switch (kind) {
    case "timestamptz":
    case "timestamp":
    case "date":
      return kind;
    case "number":
    case "bigint":
    case "decimal":
      return "value";
    case "text":
      // Times of day start again every midnight, intervals are no moments, money and the like have no sequence.
      return TEXT_LIKE.has(baseOid) ? "value" : null;
    case "boolean":
    case "json":
    case "binary":
    case "array":
      return null;
  }
}

/** text, varchar, bpchar, uuid (version 7) and xid8: values that a generator may hand out in rising order. */
const TEXT_LIKE: ReadonlySet<string> = new Set(["25", "1043", "1042", "2950", "5069"]);

/** How well a type serves as a cursor. Whole numbers count only when their name speaks for them, other values not at all. */
export function toCursorRank(type: ValueType, baseOid: string): number | null {
  const cursorKind = toCursorKind(type, baseOid);
  if (cursorKind !== null && cursorKind !== "value") return { timestamptz: 30, timestamp: 20, date: 0 }[cursorKind];
  return cursorKind === null || type.kind === "text" || type.kind === "decimal" ? null : -1;
}
