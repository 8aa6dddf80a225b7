import type { Dialect, PositionTerm, WriteValue } from "@acme/sql-source";

/** SQL text of MySQL and MariaDB. Pure. What it shares with other databases is in `@acme/sql-source`. */

/** `` `Name` ``, whatever the name holds, and whatever words are reserved. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A name as people write it: quoted only where SQL needs it. */
export function toShortName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}

/** Marks the place of a parameter: a character that no configured query may hold. A `?` may stand in a query's own texts. */
const MARK = "\u0001";
const PLACE = new RegExp(`${MARK}(\\d+)${MARK}`, "g");

/**
 * `a > x or (a = x and (b > y …))`: MySQL answers this form as ranges of an index on (a, b); `(a, b) > (x, y)` would be compared
 * with every row of it.
 */
export const dialect: Dialect = {
  quote: quoteIdentifier,
  placeholder: (number) => `${MARK}${number}${MARK}`,
  compare: (terms, operator, write) => compareFrom(terms, operator, write),
  // Written out: in a list of texts of two character sets MariaDB finds not all that are equal.
  among(terms, positions) {
    const rows = positions.map((write) => terms.map((term) => `${term.sql} = ${write(term)}`).join(" and "));
    return `(${rows.join(" or ")})`;
  },
};

function compareFrom([first, ...others]: readonly PositionTerm[], operator: ">" | "<=", write: WriteValue): string {
  if (first === undefined) return "true";
  if (others.length === 0) return `${first.sql} ${operator} ${write(first)}`;
  const strictly = `${first.sql} ${operator === ">" ? ">" : "<"} ${write(first)}`;
  return `(${strictly} or (${first.sql} = ${write(first)} and ${compareFrom(others, operator, write)}))`;
}

/** A text literal under a session without NO_BACKSLASH_ESCAPES, which every session of ours is. */
export function toLiteral(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\u0000", "\\0")}'`;
}

/** Puts values in place: the text protocol has no parameters. */
export function fillIn(text: string, values: readonly string[]): string {
  return values.length === 0
    ? text
    : text.replace(PLACE, (_mark, number) => toLiteral(values[Number(number) - 1] ?? ""));
}
