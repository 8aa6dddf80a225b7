import { z } from "zod";
import type { Connector } from "../../contracts/connector.ts";
import { AuthError } from "../../contracts/errors.ts";
import type { Row, Source, Stream } from "../../contracts/source.ts";

const arrayConfig = z.strictObject({
  password: z.string().min(8).meta({ secret: true }).describe("Checked by `check`."),
  table: z.string().min(1),
  rows: z.int().nonnegative().default(3),
  /** How long a page takes, in milliseconds. */
  slowMs: z.int().nonnegative().default(0),
});

type ArrayConfig = z.infer<typeof arrayConfig>;

const PAGE_ROWS = 10;

/** Rows made from their number; the cursor is the number of the last one read. `password: wrong-password` is refused. */
export function createArrayConnector(onClose: () => void = () => {}): Connector<ArrayConfig> {
  return {
    name: "array",
    packageName: "@acme/connector-array",
    version: "1.2.3",
    config: arrayConfig,
    starter: {
      source: { password: "${ARRAY_PASSWORD}" },
      stream: { option: "table", example: "people" },
      keyOption: null,
      cursorOption: null,
      mappings: [],
    },
    create: (config, runtime): Source => ({
      async check() {
        if (config.password === "wrong-password") {
          throw new AuthError(`the password ${config.password} is wrong`, { hint: "Set source.password." });
        }
        return [{ level: "warning", message: "there is no index on n", hint: "Create one." }];
      },
      async streams() {
        return [toStream(config)];
      },
      async *read(_, after, signal) {
        let last = typeof after === "number" ? after : 0;
        while (last < config.rows) {
          if (config.slowMs > 0) await runtime.sleep(config.slowMs, signal);
          signal.throwIfAborted();
          const count = Math.min(PAGE_ROWS, config.rows - last);
          const rows = Array.from({ length: count }, (__, index) => toRow(last + index + 1));
          last += count;
          yield {
            rows,
            cursor: last,
            bytes: count * 100,
            proved: { field: "n", after: typeof after === "number" ? String(after) : null, through: String(last) },
          };
        }
      },
      async lookup(_, keys) {
        return keys
          .map(Number)
          .filter((n) => n <= config.rows)
          .map(toRow);
      },
      async close() {
        onClose();
      },
    }),
  };
}

function toRow(n: number): Row {
  return { key: String(n), fields: { n, email: `person-${n}@example.com`, name: `Person ${n}` } };
}

function toStream(config: ArrayConfig): Stream {
  const field = (name: string, type: "number" | "text") =>
    ({ name, type, sourceType: type, nullable: false, unreadable: null }) as const;
  return {
    name: config.table,
    fields: [field("n", "number"), field("email", "text"), field("name", "text")],
    key: ["n"],
    cursorField: "n",
    cursorCandidates: ["n"],
    estimatedRows: config.rows,
  };
}
