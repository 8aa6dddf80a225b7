import type { Finding } from "@acme/sync-core";
import { ok, warning } from "./finding.ts";
import { keyNames, type ReadPlan } from "./read-plan.ts";
import { hasIndexOn } from "./relation.ts";
import type { Transaction } from "./transaction.ts";

/** What a finding tells people to run. */
export interface CheckWords {
  /** Makes an index on these columns. */
  readonly createIndex: (columns: readonly string[]) => string;
  /** Forbids null in a column. */
  readonly setNotNull: (column: string) => string;
  /** As a condition: the cursor lies more than a minute ahead of the server's clock; null: it is no time. */
  readonly isAhead: string | null;
}

export const NO_TABLE: Finding = warning(
  "no table and no query is configured",
  "Set table; `discover` lists what can be read.",
);

/**
 * Looks at everything about a table that a run depends on, without reading its rows.
 * @throws whatever the server answers to the page's statement: a missing right, a type that cannot be ordered.
 */
export async function checkPlan(transaction: Transaction, plan: ReadPlan, words: CheckWords): Promise<Finding[]> {
  const { cursor, key, relation, selection } = plan;
  const names = [...new Set([...(cursor === null ? [] : [cursor.column]), ...key].map((column) => column.name))];
  // Plans the page's statement without running it: that checks names, types and rights.
  const order = (cursor === null ? plan.keyTerms : cursor.terms).map(({ sql }) => sql).join(", ");
  await transaction.rows(
    `explain select ${selection.select.join(", ")} from ${relation.from} order by ${order} limit 1`,
  );
  const rows = relation.estimatedRows === null ? "an unknown number of" : `about ${relation.estimatedRows}`;
  const by = cursor === null ? "compared in full on every run" : `read by ${cursor.column.name}`;
  const findings = [ok(`${relation.name} has ${rows} rows, identified by (${keyNames(plan)}), ${by}`)];
  if (relation.isStored) {
    findings.push(
      hasIndexOn(relation, names)
        ? ok(`an index begins with (${names.join(", ")})`)
        : warning(
            `no index begins with (${names.join(", ")}): every page has to look at the whole table`,
            words.createIndex(names),
          ),
    );
  }
  if (!plan.isKeyProven) {
    findings.push(
      warning(
        `nothing proves that (${keyNames(plan)}) identifies a row; a run stops when two rows share it`,
        relation.table === null ? null : "A unique index on not-null columns would prove it.",
      ),
    );
  }
  return [...findings, ...(await checkCursor(transaction, plan, words))];
}

async function checkCursor(transaction: Transaction, plan: ReadPlan, words: CheckWords): Promise<Finding[]> {
  const { cursor, relation } = plan;
  if (cursor === null) return [];
  const { name, nullable } = cursor.column;
  const findings: Finding[] = [];
  if (nullable && relation.table !== null) {
    findings.push(
      warning(
        `${name} may be null: such rows are read again on every run`,
        `Fill it and make it not null: ${words.setNotNull(name)}`,
      ),
    );
  }
  if (words.isAhead === null) return findings;
  const [future] = await transaction.rows(
    `select count(*) as found from (select 1 from ${relation.from} where ${words.isAhead} limit 1000) as ahead`,
  );
  const ahead = Number(future?.["found"] ?? 0);
  if (ahead > 0) {
    findings.push(
      warning(
        `${ahead === 1000 ? "1000 or more" : ahead} rows have a ${name} in the future: they are read when it comes, those more than a day ahead on every run`,
        "Correct these dates, or choose another cursor.",
      ),
    );
  }
  return findings;
}
