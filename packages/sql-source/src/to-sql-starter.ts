import type { Starter } from "@acme/sync-core";

/** What `init` begins with: every table is another one, so there is no mapping to bring along. */
export function toSqlStarter(exampleTable: string): Starter {
  return {
    source: { url: "${DATABASE_URL}" },
    stream: { option: "table", example: exampleTable },
    keyOption: "key",
    cursorOption: "cursor",
    mappings: [],
  };
}
