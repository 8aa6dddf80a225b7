import { TransientError } from "@acme/sync-core";
import { parse } from "csv-parse/sync";
import type { Tally } from "./values.ts";

export type CsvRecord = readonly string[];

/** About how many bytes are taken apart at once: enough to be fast, and little beside the page that is in memory anyway. */
const SLICE_BYTES = 256 * 1024;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/**
 * Takes a page of CSV apart, a few hundred records at a time; the first record is the header, as on every page of a Bulk result.
 * NUL bytes are taken out and counted. Nothing at all, or a header alone, is no record.
 * @throws TransientError when the page is cut off or does not hold together. It says nothing of its contents.
 */
export function* readCsv(page: Buffer, doing: string, tally: Tally): Generator<readonly CsvRecord[]> {
  const csv = withoutNul(page, tally);
  let width: number | null = null;
  for (let start = 0; start < csv.length; ) {
    const end = endOfSlice(csv, start, SLICE_BYTES);
    let records: string[][];
    try {
      records = parse(csv.subarray(start, end), { bom: start === 0, skip_empty_lines: true });
    } catch {
      throw torn(doing);
    }
    width ??= records[0]?.length ?? null;
    if (records.some((record) => record.length !== width)) throw torn(doing);
    if (records.length > 0) yield records;
    start = end;
  }
}

/** The first end of a record at or behind `bytes`; the end of everything where there is none. Line breaks within quotes end nothing. */
export function endOfSlice(csv: Buffer, start: number, bytes: number): number {
  let isQuoted = false;
  for (let at = start; at < csv.length; at += 1) {
    const byte = csv[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LINE_FEED && !isQuoted && at + 1 - start >= bytes) return at + 1;
  }
  return csv.length;
}

function withoutNul(page: Buffer, tally: Tally): Buffer {
  let nul = page.indexOf(0);
  if (nul < 0) return page;
  const pieces: Buffer[] = [];
  let start = 0;
  for (; nul >= 0; nul = page.indexOf(0, start)) {
    pieces.push(page.subarray(start, nul));
    start = nul + 1;
    tally.nulBytes += 1;
  }
  pieces.push(page.subarray(start));
  return Buffer.concat(pieces);
}

function torn(doing: string): TransientError {
  return new TransientError(`${doing}: a page of the Bulk result is cut off or damaged`, {
    hint: "Reading goes on from the last page.",
  });
}
