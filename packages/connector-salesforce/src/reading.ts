import type { Page, ProvedInterval, Runtime } from "@acme/sync-core";
import type { SalesforceClient } from "./salesforce-client.ts";
import type { SalesforceConfig } from "./config.ts";
import type { RecordCursor } from "./cursor.ts";
import type { SizedRow, Subject } from "./subject.ts";
import type { Tally } from "./values.ts";

/** What every pass works with. */
export interface Reading {
  readonly client: SalesforceClient;
  readonly config: SalesforceConfig;
  readonly runtime: Runtime;
  readonly subject: Subject;
  readonly signal: AbortSignal;
  /** Things for `status`, said with the next page. */
  readonly notices: string[];
  readonly tally: Tally;
  /** The Bulk API does not take this object, or no more today. */
  isBulkOff: boolean;
}

/** What a pass yields: rows, and the cursor behind them. */
export interface Part {
  readonly rows: readonly SizedRow[];
  readonly cursor: RecordCursor;
  readonly proved: ProvedInterval | null;
  /** With it reading everything again begins. */
  readonly begins?: true;
}

/** Divides rows among pages, by their number and by their bytes. At least one, which may be empty. */
export function toPieces(rows: readonly SizedRow[], reading: Reading): readonly (readonly SizedRow[])[] {
  const { pageRows, pageBytes } = reading.config;
  const pieces: SizedRow[][] = [[]];
  let bytes = 0;
  for (const row of rows) {
    let piece = pieces.at(-1) ?? [];
    if (piece.length >= pageRows || (piece.length > 0 && bytes + row.bytes > pageBytes)) {
      piece = [];
      pieces.push(piece);
      bytes = 0;
    }
    piece.push(row);
    bytes += row.bytes;
  }
  return pieces;
}

/** @returns the page, and takes the notices that are waiting along. */
export function toPage({ rows, cursor, proved, begins }: Part, reading: Reading): Page {
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  if (reading.tally.nulBytes > 0) {
    reading.notices.push(`${reading.tally.nulBytes} NUL bytes were taken out of texts of ${reading.subject.object}`);
    reading.tally.nulBytes = 0;
  }
  const notices = [...new Set(reading.notices.splice(0))];
  return {
    rows: rows.map((sized) => sized.row),
    cursor,
    bytes,
    proved,
    ...(begins === undefined ? {} : { beginsEnumeration: begins }),
    ...(notices.length > 0 ? { notices } : {}),
  };
}
