import type { Value } from "./field-definition.ts";
import type { Table } from "./table.ts";
import type { Version } from "./version.ts";

/** A formula: paths of fields and quoted texts, joined by `&`. One path alone keeps the type of its
 * value; a joined text loses the blanks at its ends. */
export interface Formula {
  readonly text: string;
  readonly parts: readonly FormulaPart[];
}

type FormulaPart = { readonly path: readonly string[] } | { readonly literal: string };

/** Computes a formula for one row. */
export type FormulaReader = (formula: Formula, table: Table, position: number, version: Version | undefined) => Value;

/** Reads a formula such as `Account.Name & " / " & LastName`. Throws RangeError for anything else. */
export function parseFormula(text: string): Formula {
  const parts = text.split("&").map((part): FormulaPart => {
    const trimmed = part.trim();
    const quoted = /^"([^"]*)"$/.exec(trimmed)?.[1];
    if (quoted !== undefined) return { literal: quoted };
    if (!/^\w+(\.\w+)*$/.test(trimmed)) throw new RangeError(`A formula joins paths and "texts" by &, not ${trimmed}`);
    return { path: trimmed.split(".") };
  });
  return { text, parts };
}

/** The value of a formula, where `read` answers the value of a path. */
export function evaluateFormula({ parts }: Formula, read: (path: readonly string[]) => Value): Value {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return "path" in only ? read(only.path) : only.literal;
  const text = parts.map((part) => ("path" in part ? toText(read(part.path)) : part.literal)).join("");
  return text.trim();
}

function toText(value: Value): string {
  return value === null ? "" : String(value);
}
