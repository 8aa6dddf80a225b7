import { toSqlStarter } from "@acme/sql-source";

/** What `init` begins with. */
export const postgresStarter = toSqlStarter("public.customers");
