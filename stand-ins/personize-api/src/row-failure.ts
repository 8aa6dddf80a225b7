import type { Fields } from "@acme/stand-in-kit";

/**
 * Rows that are to fail inside their event. Every member that is given has to hold; a rule without any matches every
 * row. `field` narrows `equals` and `contains` to one field of the row.
 */
export interface RowFailureRule {
  /** Position of the row in its batch, from 0. */
  readonly index?: number | readonly number[];
  /** The normalised key of the row's record, for example its email in lower case. */
  readonly key?: string;
  readonly field?: string;
  readonly equals?: unknown;
  /** A text inside any text of the row. */
  readonly contains?: string;
  /** In process only. */
  readonly matches?: (row: Fields, index: number) => boolean;
  /** How many rows fail before the rule is spent; without it there is no end. */
  readonly times?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Whether `rule` picks this row. */
export function matchesRow(rule: RowFailureRule, row: Fields, index: number, key: string | undefined): boolean {
  if (rule.index !== undefined) {
    const indexes = typeof rule.index === "number" ? [rule.index] : rule.index;
    if (!indexes.includes(index)) return false;
  }
  if (rule.key !== undefined && rule.key !== key) return false;
  const values = rule.field === undefined ? Object.values(row) : [row[rule.field]];
  if (rule.equals !== undefined && !values.includes(rule.equals)) return false;
  const { contains } = rule;
  if (contains !== undefined && !values.some((value) => typeof value === "string" && value.includes(contains))) {
    return false;
  }
  return rule.matches === undefined || rule.matches(row, index);
}

/** Rules with the number of rows each has failed. */
export class RowFailures {
  #rules: { readonly rule: RowFailureRule; spent: number }[] = [];

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  add(rule: RowFailureRule): void {
    this.#rules.push({ rule, spent: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The first rule that fails this row, counted as used. */
  find(row: Fields, index: number, key: string | undefined): RowFailureRule | undefined {
    for (const entry of this.#rules) {
      if (entry.rule.times !== undefined && entry.spent >= entry.rule.times) continue;
      if (!matchesRow(entry.rule, row, index, key)) continue;
      entry.spent += 1;
      return entry.rule;
    }
    return undefined;
  }
}
