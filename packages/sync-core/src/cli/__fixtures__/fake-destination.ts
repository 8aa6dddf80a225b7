import type { PersonizeDestination } from "../../personize/create-personize-destination.ts";
import { toCheckReport } from "./reports.ts";

/** A destination that knows who it is; everything else has to be handed in. */
export function createFakeDestination(methods: Partial<PersonizeDestination> = {}): PersonizeDestination {
  const { account, collections } = toCheckReport();
  const unused = (): never => {
    throw new Error("not used here");
  };
  return {
    account: async () => account,
    collections: async () => collections,
    send: unused,
    outcomes: unused,
    lookup: unused,
    remove: unused,
    batchLimits: unused,
    memorize: unused,
    spending: () => ({ calls: 0, units: 0, waitedMs: {}, waitingFor: null, notices: [] }),
    ...methods,
  };
}
