import type { Table } from "./table.ts";
import type { Version } from "./version.ts";

/** One row in one of its states; undefined: as it was seeded. */
export interface Row {
  readonly table: Table;
  readonly position: number;
  readonly version: Version | undefined;
}
