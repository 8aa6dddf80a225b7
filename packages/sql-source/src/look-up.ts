import { ConfigError, type Row } from "@acme/sync-core";
import { fromRowKey } from "./cursor.ts";
import { keyNames, type ReadPlan, toRows, twins } from "./read-plan.ts";
import type { ReadPorts } from "./read-pages.ts";
import type { Column } from "./relation.ts";
import { rowsByKey } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Reads single rows by key as they are now, in one statement. Keys that name no row are absent from the answer.
 * @throws ConfigError when a key was made for another set of key columns, or names two rows; and when a row is absent that may
 * only be hidden, since absence is taken for deletion.
 */
export async function lookUp<C extends Column, T extends Transaction>(
  plan: ReadPlan<C>,
  keys: readonly string[],
  ports: Pick<ReadPorts<C, T>, "client" | "signal" | "whyIncomplete">,
): Promise<readonly Row[]> {
  if (keys.length === 0) return [];
  const statement = rowsByKey(
    plan.selection,
    plan.keyTerms,
    keys.map((key) => toValues(key, plan)),
  );
  const limits = { maxRows: keys.length, maxBytes: Number.POSITIVE_INFINITY, expectedRowBytes: 0 };
  const page = await ports.client.transaction(plan.subject, ports.signal, async (transaction) => {
    const found = await transaction.page(() => statement, limits);
    const why = found.rows.length < keys.length ? await ports.whyIncomplete(transaction) : null;
    if (why !== null) throw hidden(plan, why);
    return found;
  });
  const rows = toRows(plan, page.rows);
  if (page.next !== null || new Set(rows.map((row) => row.key)).size < rows.length) throw twins(plan);
  // Where a collation takes two texts for one, another row may answer to a key: the one that was asked for is gone.
  const asked = new Set(keys);
  return rows.filter((row) => asked.has(row.key));
}

function toValues(key: string, plan: ReadPlan): readonly string[] {
  const values = fromRowKey(key, plan.key.length);
  if (values !== null) return values;
  throw new ConfigError(`rows of ${plan.relation.name} were remembered by another key than (${keyNames(plan)})`, {
    hint: "The option key, or the primary key of the table, has changed. Run `state reset` for this sync: it then reads from the beginning.",
  });
}

function hidden(plan: ReadPlan, why: string): ConfigError {
  return new ConfigError(`whether a row of ${plan.relation.name} was deleted cannot be told: ${why}`, {
    hint: "If all rows are meant, use a user that sees all of them.",
  });
}
