import type { Row } from "../org/row.ts";
import type { User } from "./users.ts";

/** Whether a user sees a row: with View All Data any, else those without an owner and the user's own. */
export function seesRow(user: User, row: Row): boolean {
  if (user.viewAllData) return true;
  const owner = row.table.field("OwnerId");
  return owner === undefined || row.table.value(row.position, row.version, owner) === user.id;
}
