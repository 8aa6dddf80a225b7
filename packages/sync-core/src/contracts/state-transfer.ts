import type { Json } from "./json.ts";

/** Moves all that a state holds to another one, and erases what it holds about one row. */
export interface StateTransfer {
  /**
   * Everything that is stored, in pieces of a bounded size, as it was at one moment. Who holds a sync, and runs that only wait, are
   * left out.
   * @param syncs null: of every sync, with what is known of syncs that never ran. The quota ledger comes with either.
   */
  exportAll(syncs: readonly string[] | null): AsyncIterable<StatePiece>;
  /**
   * Takes in what {@link exportAll} of any store gave: all of it or, when anything fails, nothing. Fences go on rising, so that a run
   * that is still at work on a sync which is replaced writes nothing any more.
   * @param options `replace`: what is stored of the same syncs makes way; of a month's usage the larger figures stay.
   * @throws ConfigError when syncs are stored already and are not to be replaced, or a piece makes no sense; TransientError while a
   * run is at work on one of them.
   */
  importAll(pieces: AsyncIterable<StatePiece>, options: { readonly replace: boolean }): Promise<ImportCounts>;
  /**
   * Erases what is stored about one row of a sync: its digests, why it was parked, the record that it landed in.
   * @throws TransientError while a run is at work, a batch with the row is unsettled, or a copy of it may still land.
   */
  forget(sync: string, key: string): Promise<Forgotten>;
}

/** Rows of one table. Columns that are null are absent; bytes are in base64. */
export interface StatePiece {
  readonly table: string;
  /** Whose rows they are; null in tables that belong to no sync. */
  readonly sync: string | null;
  readonly rows: readonly StateRow[];
}

export type StateRow = Readonly<Record<string, Json>>;

export interface ImportCounts {
  readonly syncs: number;
  readonly landedRows: number;
  readonly parkedRows: number;
  readonly unsettledBatches: number;
}

/** What there was to erase. */
export interface Forgotten {
  readonly landed: boolean;
  readonly parked: boolean;
  /** Records of the row that were waiting to be deleted. They no longer are. */
  readonly records: number;
}
