import { diskFiles, type Files } from "@acme/api-source";
import { httpTransport, type Transport } from "./transport.ts";

/** What a source uses of the machine that it runs on, beside clock and chance. */
export interface Machine {
  readonly transport: Transport;
  readonly files: Files;
}

export const thisMachine: Machine = { transport: httpTransport, files: diskFiles };
