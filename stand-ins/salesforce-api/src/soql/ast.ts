/** A dotted path of names, as written, and where it stands in the text (from 0). */
export interface Path {
  readonly names: readonly string[];
  readonly at: number;
}

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" | "IN" | "NOT IN" | "INCLUDES" | "EXCLUDES";

export type Literal =
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly text: string; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "null"; readonly at: number }
  /** `2026-03-02`. */
  | { readonly kind: "date"; readonly text: string; readonly at: number }
  | { readonly kind: "datetime"; readonly timeMs: number; readonly text: string; readonly at: number }
  /** `TODAY`, or `LAST_N_DAYS:7`. */
  | { readonly kind: "period"; readonly name: string; readonly count: number; readonly at: number };

export type Condition =
  | { readonly kind: "and" | "or"; readonly conditions: readonly Condition[] }
  | { readonly kind: "not"; readonly condition: Condition }
  | {
      readonly kind: "comparison";
      readonly path: Path;
      readonly operator: Operator;
      readonly literals: readonly Literal[];
    };

export type SelectItem =
  | { readonly kind: "field"; readonly path: Path }
  | {
      readonly kind: "aggregate";
      readonly name: string;
      readonly path: Path | undefined;
      readonly alias: string | undefined;
      readonly at: number;
    }
  | { readonly kind: "fields"; readonly group: string; readonly at: number }
  | { readonly kind: "typeof"; readonly at: number }
  | { readonly kind: "subquery"; readonly query: Query; readonly at: number };

export interface Order {
  readonly path: Path;
  readonly descending: boolean;
  readonly nullsLast: boolean;
}

/** A parsed query whose names nobody has looked up yet. */
export interface Query {
  readonly text: string;
  readonly select: readonly SelectItem[];
  readonly from: { readonly name: string; readonly at: number };
  readonly where: Condition | undefined;
  readonly groupBy: readonly Path[];
  readonly orderBy: readonly Order[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
  /** `ALL ROWS` at the end. */
  readonly allRows: boolean;
}
