import { ConfigError, type Row } from "@acme/sync-core";
import { fromRowKey } from "./cursor.ts";
import { rowsByKey } from "./query.ts";
import { type ReadPlan, type ReadPorts, toRows } from "./read-pages.ts";
import { hidesRows } from "./row-security.ts";

/** Where the width of a row is unknown: the client starts with small chunks. */
const UNKNOWN_WIDTH = 0;

/**
 * Reads single rows by key as they are now, in one statement. Keys that name no row are absent from the answer.
 * @throws ConfigError when a key was made for another set of key columns, or names two rows; and when a row is absent that row
 * security may only hide, since absence is taken for deletion.
 */
export async function lookUp(
  plan: ReadPlan,
  keys: readonly string[],
  ports: Pick<ReadPorts, "client" | "signal">,
): Promise<readonly Row[]> {
  if (keys.length === 0) return [];
  const { text, values } = rowsByKey({
    from: plan.relation.from,
    select: plan.select,
    key: plan.key,
    keys: keys.map((key) => toValues(key, plan)),
  });
  const limits = { maxRows: keys.length, maxBytes: Number.POSITIVE_INFINITY, expectedRowBytes: UNKNOWN_WIDTH };
  const page = await ports.client.transaction(plan.subject, ports.signal, async (transaction) => {
    const found = await transaction.page(text, values, limits);
    if (found.rows.length < keys.length && (await hidesRows(transaction, plan.relation.from))) throw hidden(plan);
    return found;
  });
  const rows = toRows(plan, page.rows);
  if (page.next !== null || new Set(rows.map((row) => row.key)).size < rows.length) throw twins(plan);
  return rows;
}

function toValues(key: string, plan: ReadPlan): readonly string[] {
  const values = fromRowKey(key, plan.key.length);
  if (values !== null) return values;
  throw new ConfigError(`rows of ${plan.relation.name} were remembered by another key than (${keyNames(plan)})`, {
    hint: "The option key, or the primary key of the table, has changed. Run `state reset` for this sync: it then reads from the beginning.",
  });
}

function hidden(plan: ReadPlan): ConfigError {
  return new ConfigError(`row security hides rows of ${plan.relation.name}: whether a row was deleted cannot be told`, {
    hint: "If all rows are meant, use a role with bypassrls or add a policy for it.",
  });
}

function twins(plan: ReadPlan): ConfigError {
  return new ConfigError(
    `key (${keyNames(plan)}) does not identify a row of ${plan.relation.name}: two rows share it`,
    {
      hint: "Set key to columns that together differ in every row.",
    },
  );
}

function keyNames(plan: ReadPlan): string {
  return plan.key.map((column) => column.name).join(", ");
}
