import { TransientError } from "@acme/sync-core";

/** An empty page may say that the next one begins where it began itself. So many in a row say that there is no way on. */
const MAX_REPEATS = 20;

/** Takes where a page says that the list goes on, and where that page began; null: it is over. */
export type NextPage = (paging: string | null, after: string | null) => string | null;

/** @throws TransientError, when called, where a list does not move on: it would be read for ever. */
export function createNextPage(doing: string): NextPage {
  let repeats = 0;
  return (paging, after) => {
    repeats = paging !== null && paging === after ? repeats + 1 : 0;
    if (repeats < MAX_REPEATS) return paging;
    throw new TransientError(`${doing}: HubSpot's list does not move on`, {
      hint: "It passes by itself. Reading goes on from the last page.",
    });
  };
}
