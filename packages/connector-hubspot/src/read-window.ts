import type { Place } from "./cursor.ts";
import { callLimits } from "./paths.ts";
import { type Reading, rowsAPage } from "./reading.ts";
import { nextIds } from "./search.ts";
import type { SizedRow } from "./subject.ts";

/** Rows of a window of modified dates, and where to go on behind them; `at` null: the window is read. */
export interface WindowPart {
  readonly rows: readonly SizedRow[];
  readonly at: Place | null;
}

/**
 * Reads the records whose modified date lies in a window: ids by search, values by batch read (the search index may be behind, the
 * batch read is not). Of 1,000 changed records, 5 calls find them and 10 read them.
 */
export async function* readWindow(reading: Reading, from: Place): AsyncGenerator<WindowPart> {
  const { client, config, subject, signal } = reading;
  let at: Place | null = from;
  let ids = new Set<string>();
  // Two at least: the last of a page is held back, and something has to be left.
  const limit = Math.max(2, Math.min(callLimits.searchRows, config.pageRows));
  while (at !== null) {
    const step: { readonly ids: readonly string[]; readonly next: Place | null } = await nextIds(
      client,
      subject,
      at,
      limit,
      signal,
    );
    for (const id of step.ids) ids.add(id);
    at = step.next;
    if (at === null || ids.size + limit > rowsAPage(reading)) {
      yield { rows: await subject.readRows([...ids], true, signal), at };
      ids = new Set();
    }
  }
}
