import type { Page, ProvedInterval } from "@acme/sync-core";
import type { HubspotClient } from "./hubspot-client.ts";
import type { HubspotConfig } from "./config.ts";
import type { RecordCursor } from "./cursor.ts";
import type { SizedRow, Subject } from "./subject.ts";

/** What every pass works with. */
export interface Reading {
  readonly client: HubspotClient;
  readonly config: HubspotConfig;
  readonly subject: Subject;
  readonly signal: AbortSignal;
  /** Things for `status`, said with the next page. */
  readonly notices: string[];
  /** What a row takes, in bytes, as seen so far. */
  rowBytes: number;
}

/** What a pass yields: rows, and the cursor behind them. */
export interface Part {
  readonly rows: readonly SizedRow[];
  readonly cursor: RecordCursor;
  readonly proved: ProvedInterval | null;
  /** The first part of a reading of all records. */
  readonly beginsEnumeration?: boolean;
}

/** How many rows a page may have so that it stays within both of its bounds. */
export function rowsAPage({ config, rowBytes }: Pick<Reading, "config" | "rowBytes">): number {
  return Math.max(1, Math.min(config.pageRows, Math.floor(config.pageBytes / Math.max(1, rowBytes))));
}

/** @returns the page, and takes the notices that are waiting along. */
export function toPage({ rows, cursor, proved, beginsEnumeration }: Part, reading: Reading): Page {
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  if (rows.length > 0) reading.rowBytes = bytes / rows.length;
  const notices = reading.notices.splice(0);
  return {
    rows: rows.map((sized) => sized.row),
    cursor,
    bytes,
    proved,
    ...(beginsEnumeration === true ? { beginsEnumeration } : {}),
    ...(notices.length > 0 ? { notices } : {}),
  };
}
