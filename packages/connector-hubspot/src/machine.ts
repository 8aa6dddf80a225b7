import { diskFiles, type Files } from "@acme/api-source";
import { createLibraryTransport, type Transport } from "./client.ts";

/** What a source uses of the machine that it runs on, beside clock and chance. */
export interface Machine {
  readonly transport: Transport;
  readonly files: Files;
}

/** HubSpot's own library, over HTTP, and the disk. */
export function createThisMachine(baseUrl: string): Machine {
  return { transport: createLibraryTransport(baseUrl), files: diskFiles };
}
