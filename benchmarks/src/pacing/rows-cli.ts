/** The command line that every connector has, over rows that are made on the way. */
import { runSourceCli } from "@acme/sync-core";
import { rowsConnector } from "./rows-connector.ts";

await runSourceCli(rowsConnector);
