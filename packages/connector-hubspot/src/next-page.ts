import { TransientError } from "@acme/sync-core";

/**
 * Where a list goes on; null: it is over.
 * @throws TransientError when it says that the next page is the one just read: it would be read for ever.
 */
export function nextPage(paging: string | null, after: string | null, doing: string): string | null {
  if (paging === null || paging !== after) return paging;
  throw new TransientError(`${doing}: HubSpot's list does not move on`, {
    hint: "It passes by itself. Reading goes on from the last page.",
  });
}
