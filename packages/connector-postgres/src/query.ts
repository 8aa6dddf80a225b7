import type { Dialect, Term } from "@acme/sql-source";
import type { CursorKind } from "./cursor.ts";

/** SQL text of PostgreSQL. Pure. What it shares with other databases is in `@acme/sql-source`. */

/** `"Name"`, whatever the name holds. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name as people write it: quoted only where SQL needs it. */
export function toShortName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}

/** One comparison of rows, `("a", "b") > ($1::int, $2::text)`, which an index on (a, b) answers as one range. */
export const dialect: Dialect = {
  quote: quoteIdentifier,
  placeholder: (number) => `$${number}`,
  compare(terms, operator, write) {
    return `${toTuple(terms.map(({ sql }) => sql))} ${operator} ${toTuple(terms.map(write))}`;
  },
  among(terms, positions) {
    const tuples = positions.map((write) => toTuple(terms.map(write)));
    return `${toTuple(terms.map(({ sql }) => sql))} in (${tuples.join(", ")})`;
  },
};

function toTuple(parts: readonly string[]): string {
  return parts.length === 1 ? parts.join("") : `(${parts.join(", ")})`;
}

/** @param castType as `format_type(oid, -1)` writes it: without a length, which would cut values off. */
export function toTerm(name: string, castType: string): Term {
  return { sql: quoteIdentifier(name), bind: (placeholder) => `${placeholder}::${castType}` };
}

/** Orders texts by their bytes. */
export function toExactTerm(name: string): Term {
  return {
    sql: `${quoteIdentifier(name)}::text collate "C"`,
    bind: (placeholder) => `${placeholder}::text collate "C"`,
  };
}

/** A moment as the wall clock of the zone $4 shows it, held back an hour while that clock is about to be set back by one. */
function toWallClock(moment: string): string {
  return `least(${moment} at time zone $4::text, (${moment} + interval '1 hour') at time zone $4::text - interval '1 hour')`;
}

/**
 * The bounds of a column of times, in its own type: `bound`, below which it is complete; `far`, from where on its values are
 * read on every run; `newer`, whether the bound lies beyond what was proved before.
 * Parameters: the moments of both bounds, what was proved before, the zone of a column without one.
 */
export function cursorBounds(kind: Exclude<CursorKind, "value">): string {
  const bounds = {
    timestamptz: { bound: "$1::timestamptz", far: "$2::timestamptz" },
    timestamp: { bound: toWallClock("$1::timestamptz"), far: "$2::timestamptz at time zone $4::text" },
    // The date of the bound itself is not over yet; reading stops before it.
    date: {
      bound: toWallClock("$1::timestamptz"),
      far: "($2::timestamptz at time zone $4::text) + interval '1 day'",
    },
  }[kind];
  const bound = `(${bounds.bound})::${kind}`;
  return `select (${bound})::text as bound, (${bounds.far})::${kind}::text as far, (${bound} > $3::${kind})::text as newer, $4::text as zone`;
}
