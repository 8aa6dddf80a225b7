import type { Starter } from "@acme/sync-core";

/** What `init` begins with: every table is another one, so there is no mapping to bring along. */
export const postgresStarter: Starter = {
  source: { url: "${DATABASE_URL}" },
  stream: { option: "table", example: "public.customers" },
  keyOption: "key",
  cursorOption: "cursor",
  mappings: [],
};
