import { runSourceCli } from "../run-source-cli.ts";
import { createArrayConnector } from "./array-connector.ts";

/** A connector's program as its package would have it; started as a process of its own by tests. */
await runSourceCli(createArrayConnector());
