import { toSqlStarter } from "@acme/sql-source";

/** What `init` begins with. */
export const mysqlStarter = toSqlStarter("shop.customers");
