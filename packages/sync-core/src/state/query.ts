import type { DatabaseSync } from "node:sqlite";

export interface Query<Parameters extends readonly unknown[], Row> {
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): readonly Row[];
  /** Number of rows inserted, changed or deleted. */
  run(...parameters: Parameters): number;
}

/** What the driver's statement is once we say which parameters it takes and which rows it gives. */
interface TypedStatement<Parameters extends readonly unknown[], Row> {
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
  run(...parameters: Parameters): { readonly changes: number | bigint };
}

/** Prepares statements of one database. Rows are typed by what the statement selects. */
export function createQueries(db: DatabaseSync) {
  return <Parameters extends readonly unknown[], Row = never>(sql: string): Query<Parameters, Row> => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a row has the columns that its statement selects
    const statement = db.prepare(sql) as unknown as TypedStatement<Parameters, Row>;
    return {
      get: (...parameters) => statement.get(...parameters),
      all: (...parameters) => statement.all(...parameters),
      run: (...parameters) => Number(statement.run(...parameters).changes),
    };
  };
}
