import type { Connector, Stream } from "@acme/sync-core";
import { z } from "zod";
import { customerRow } from "../customer-row.ts";

const rowsConfig = z.strictObject({ rows: z.int().positive().describe("How many rows there are.") });

const PAGE_ROWS = 500;
const ROW_BYTES = 300;

/** Rows made from their number; the cursor is the number of the last one read. */
export const rowsConnector: Connector<z.infer<typeof rowsConfig>> = {
  name: "rows",
  packageName: "@acme/connector-rows",
  version: "0.0.0",
  config: rowsConfig,
  create: ({ rows }) => ({
    async check() {
      return [];
    },
    async streams() {
      return [toStream(rows)];
    },
    async *read(_, after, signal) {
      for (let first = typeof after === "number" ? after : 0; first < rows; first += PAGE_ROWS) {
        signal.throwIfAborted();
        const end = Math.min(rows, first + PAGE_ROWS);
        const page = Array.from({ length: end - first }, (__, index) => {
          const fields = customerRow(first + index);
          return { key: String(fields.id), fields };
        });
        yield { rows: page, cursor: end, bytes: page.length * ROW_BYTES, proved: null };
      }
    },
    async lookup(_, keys) {
      return keys
        .map(Number)
        .filter((id) => id < rows)
        .map((id) => ({ key: String(id), fields: customerRow(id) }));
    },
    async close() {},
  }),
};

function toStream(rows: number): Stream {
  const text = (name: string) =>
    ({ name, type: "text", sourceType: "text", nullable: false, unreadable: null }) as const;
  return {
    name: "rows",
    fields: [
      { name: "id", type: "number", sourceType: "number", nullable: false, unreadable: null },
      ...["email", "first_name", "company", "city", "notes"].map(text),
    ],
    key: ["id"],
    cursorField: "id",
    cursorCandidates: ["id"],
    estimatedRows: rows,
  };
}
