import { setImmediate } from "node:timers/promises";
import { TransientError } from "@acme/sync-core";
import { askForJob, findJob, startJob, toDoing, waitForJob } from "./bulk-job.ts";
import type { JobRequest } from "./salesforce-client.ts";
import { createCsvReader, type CsvPage, type CsvReader, type CsvRecord, DamagedCsv } from "./csv.ts";
import type { BulkPlace } from "./cursor.ts";
import type { Reading } from "./reading.ts";
import type { JobAnswer } from "./responses.ts";
import type { SizedRow } from "./subject.ts";

/** Rows of a Bulk result, and where to go on; null: that was the last. */
export interface BulkPart {
  readonly rows: readonly SizedRow[];
  readonly place: BulkPlace | null;
  /** With the last rows: the job, which nobody needs any more once they have landed. */
  readonly spentJob: string | null;
}

/** Downloads of one page whose rows are not as many as they should be. */
const MAX_PAGE_TRIES = 3;
/** Beside what rows take, so that a page seldom has to be asked for again. */
const PAGE_FILL = 0.8;
const SMALLEST_PAGE = 200;

/** What a stored place shows is not there: another result than the one that was being read. */
class MovedResult extends Error {}

/**
 * Reads the result of one Bulk job, page by page, with the next one under way. A stored place is gone on from if its job still
 * exists and the row read last stands where it stood; else the question is asked anew, from its beginning.
 *
 * Nothing of a page is given out unless it has as many rows as Salesforce says it has, and nothing of the last one unless all pages
 * together have as many as the job.
 */
export async function* readBulk(
  reading: Reading,
  request: JobRequest,
  stored: BulkPlace | null,
): AsyncGenerator<BulkPart> {
  let place = stored === null ? null : await findJob(reading, request, stored);
  for (let tries = 1; ; tries += 1) {
    if (place === null) {
      place = await startJob(reading, request);
    }
    let job = await askForJob(reading, place);
    if (job === null) {
      // Whoever goes on after a crash finds the job by this.
      yield { rows: [], place, spentJob: null };
      job = await waitForJob(reading, place);
    }
    try {
      yield* readResult(reading, place, job);
      return;
    } catch (error) {
      if (!(error instanceof MovedResult)) throw error;
      await reading.client.deleteJob(place.jobId, true, reading.signal);
      if (tries > 1) {
        throw new TransientError(`${toDoing(reading)}: ${error.message}`, {
          hint: "The next run asks for a new result.",
        });
      }
      place = null;
    }
  }
}

async function* readResult(reading: Reading, start: BulkPlace, job: JobAnswer): AsyncGenerator<BulkPart> {
  const { subject, signal } = reading;
  const left = new AbortController();
  const downloading = { ...reading, signal: AbortSignal.any([signal, left.signal]) };
  let place = start;
  let coming = download(downloading, place, subject.expectedRowBytes);
  try {
    for (;;) {
      const page = await coming;
      const { bytes, next: locator } = page;
      const { count } = page;
      const rowsBefore = place.rowsBefore + count;
      if (locator === null) {
        const total = job.numberRecordsProcessed ?? rowsBefore;
        if (total !== rowsBefore) throw new MovedResult(`its pages have ${rowsBefore} rows, and the job says ${total}`);
        if (count < place.skip) throw new MovedResult("its result has become shorter");
      }
      // Pages may be smaller than they were: what was read of one then goes on into the next.
      const isPassedOver = count < place.skip;
      const following: BulkPlace | null =
        locator === null
          ? null
          : {
              ...place,
              locator,
              rowsBefore,
              ...(isPassedOver ? { skip: place.skip - count } : { skip: 0, lastId: null }),
            };
      if (following !== null) {
        // The next page comes while this one is taken apart and delivered.
        coming = download(downloading, following, count > 0 ? bytes / count : subject.expectedRowBytes);
        coming.catch(() => undefined);
      }
      if (!isPassedOver) {
        for (const { rows, read, lastId } of toPieces(reading, page, place)) {
          const next = read === count ? following : { ...place, skip: read, lastId };
          yield { rows, place: next, spentJob: next === null ? place.jobId : null };
          // Nothing here waits for anything: the next page would not come in meanwhile.
          await setImmediate();
        }
      }
      if (following === null) break;
      place = following;
    }
  } finally {
    left.abort(new Error("left"));
  }
}

interface Downloaded extends CsvPage {
  readonly next: string | null;
}

/** A page whose rows are as many as Salesforce says. One that is larger than it should be is asked for in a smaller part. */
async function download(reading: Reading, { jobId, locator }: BulkPlace, csvRowBytes: number): Promise<Downloaded> {
  const { client, config, tally, signal } = reading;
  const { bulkPageRows, bulkPageBytes } = config;
  const doing = toDoing(reading);
  const fitting = Math.floor((bulkPageBytes * PAGE_FILL) / Math.max(1, csvRowBytes));
  let maxRows = Math.min(bulkPageRows, Math.max(SMALLEST_PAGE, fitting));
  let maxBytes = bulkPageBytes;
  for (let tries = 1; ; ) {
    let csv: CsvReader = createCsvReader();
    const begin = (): ((piece: Buffer) => void) => {
      const reader = createCsvReader();
      csv = reader;
      return (piece) => reader.write(piece);
    };
    const answer = await client.downloadResult(jobId, locator, maxRows, maxBytes, begin, doing, signal);
    if (answer === null) throw new MovedResult("its result is not there any more");
    const { isWhole, next, rows } = answer;
    if (!isWhole) {
      // Nothing smaller than a row can be asked for.
      if (maxRows === 1) maxBytes *= 2;
      maxRows = Math.max(1, Math.floor(maxRows / 4));
      continue;
    }
    const page = csv.end();
    if (page !== null && page.count === (rows ?? page.count)) {
      tally.nulBytes += page.nulBytes;
      return { ...page, next };
    }
    if (tries >= MAX_PAGE_TRIES) {
      const found = page === null ? "is cut off or damaged" : `has ${page.count} rows`;
      throw new TransientError(`${doing}: a page of the result ${found}, and should have ${rows ?? "more"}`, {
        hint: "Reading goes on from the last page.",
      });
    }
    tries += 1;
  }
}

interface Piece {
  readonly rows: readonly SizedRow[];
  /** Rows of the page up to its end, those passed over included. */
  readonly read: number;
  readonly lastId: string | null;
}

/**
 * The rows of a page behind those that have been read, as many at a time as fit into one of our own pages.
 * @throws MovedResult when the row read last does not stand where it stood; TransientError where the page is damaged.
 */
function* toPieces(reading: Reading, page: Downloaded, { skip, lastId }: BulkPlace): Generator<Piece> {
  const { subject, tally, config } = reading;
  const { header, count } = page;
  const doing = toDoing(reading);
  if (header !== null) {
    const toRow = subject.fromCsv(header, doing, tally);
    let rows: SizedRow[] = [];
    let bytes = 0;
    let read = 0;
    for (const record of undamaged(page, doing)) {
      read += 1;
      if (read < skip) continue;
      const sized = toRow(record);
      if (read === skip) {
        if (sized.row.key !== lastId) throw new MovedResult("its result is in another order than before");
        continue;
      }
      rows.push(sized);
      bytes += sized.bytes;
      if (read < count && rows.length < config.pageRows && bytes < config.pageBytes) continue;
      yield { rows, read, lastId: sized.row.key };
      rows = [];
      bytes = 0;
    }
  }
  if (count === skip) yield { rows: [], read: skip, lastId };
}

function* undamaged(page: Downloaded, doing: string): Generator<CsvRecord> {
  try {
    yield* page.records();
  } catch (error) {
    if (!(error instanceof DamagedCsv)) throw error;
    throw new TransientError(`${doing}: a page of the result is damaged: ${error.message}`, {
      hint: "Reading goes on from the last row before it.",
    });
  }
}
