import type { Result } from "./client.ts";

/** Names the schema in a statement, where it says `{schema}`. */
export function fillSchema(sql: string, schema: string): string {
  return sql.replaceAll("{schema}", `"${schema}"`);
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the columns are in the text of the statement, where no type can find them
export function rowsOf<Row>(result: Result | undefined): readonly Row[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a row has the columns that its statement selects
  return (result?.rows ?? []) as readonly Row[];
}
