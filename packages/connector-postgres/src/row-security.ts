import type { Transaction } from "@acme/sql-source";

const INSUFFICIENT_PRIVILEGE = "42501";

/**
 * True when row level security hides rows of what is read, however it is read: a table, a view, or a query over several.
 * With `row_security` off the server refuses a statement that a policy would cut short, instead of answering with fewer rows.
 * The statement is planned, not run; the transaction goes on as if nothing had been asked.
 */
export async function hidesRows(transaction: Transaction, from: string): Promise<boolean> {
  await transaction.rows("savepoint row_security_probe");
  let hidden = false;
  try {
    await transaction.rows("set local row_security to off");
    await transaction.rows(`explain select 1 from ${from}`);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    hidden = true;
  }
  await transaction.rows("rollback to savepoint row_security_probe");
  return hidden;
}

function isRefusal(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === INSUFFICIENT_PRIVILEGE;
}
