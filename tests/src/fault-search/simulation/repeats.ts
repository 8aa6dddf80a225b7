import type { Json } from "@acme/sync-core";

/** Counts rows that the service was sent again although nothing in them had changed, against what the faults excuse. */
export interface Repeats {
  accepted(rows: readonly (AcceptedRow | null)[]): void;
  /** Something went wrong for so many rows: each of them may come once more. */
  allow(rows: number): void;
  /** The record is deleted, or its row forgotten: whatever comes next is new. */
  forget(record: string): void;
  allowed(): number;
  /** Record → how often an unchanged row came again. */
  repeated(): ReadonlyMap<string, number>;
  /** Record → how often a text was handed over for extraction once more although it had not changed. */
  extractedAgain(): ReadonlyMap<string, number>;
}

interface AcceptedRow {
  readonly record: string;
  readonly values: readonly { readonly property: string; readonly value: Json; readonly extract: boolean }[];
}

export function createRepeats(): Repeats {
  const last = new Map<string, Map<string, string>>();
  const repeated = new Map<string, number>();
  const extracted = new Map<string, number>();
  let allowed = 0;
  return {
    accepted(rows) {
      for (const row of rows) {
        if (row === null) continue;
        const before = last.get(row.record) ?? new Map<string, string>();
        last.set(row.record, before);
        let same = true;
        for (const { property, value, extract } of row.values) {
          const text = JSON.stringify(value);
          if (before.get(property) !== text) same = false;
          else if (extract) count(extracted, row.record);
          before.set(property, text);
        }
        if (same) count(repeated, row.record);
      }
    },
    allow(rows) {
      allowed += rows;
    },
    forget: (record) => void last.delete(record),
    allowed: () => allowed,
    repeated: () => repeated,
    extractedAgain: () => extracted,
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
