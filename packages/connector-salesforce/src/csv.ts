import { parse } from "csv-parse/sync";

export type CsvRecord = readonly string[];

/** A page of CSV, taken apart. */
export interface CsvPage {
  /** Its first record; null: the page is empty. */
  readonly header: CsvRecord | null;
  readonly records: readonly CsvRecord[];
  readonly bytes: number;
  /** NUL bytes that were taken out. */
  readonly nulBytes: number;
}

export interface CsvReader {
  /** Takes the next piece of the page, as it came from the network. */
  write(piece: Buffer): void;
  /** @returns null when the page is cut off or does not hold together. */
  end(): CsvPage | null;
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/**
 * Takes a page of CSV apart while it comes in. Records end with a line feed; line breaks within quotes end none, and the last may
 * lack its own. Nothing at all, or a header alone, is a page without records.
 */
export function createCsvReader(): CsvReader {
  const found: CsvRecord[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let isQuoted = false;
  let isBroken = false;
  let bytes = 0;
  let nulBytes = 0;

  const take = (csv: Buffer): void => {
    try {
      const records: CsvRecord[] = parse(csv, { bom: found.length === 0, skip_empty_lines: true });
      const width = found[0]?.length ?? records[0]?.length;
      isBroken ||= records.some((record) => record.length !== width);
      for (const record of records) found.push(record);
    } catch {
      // The library's words would quote the page.
      isBroken = true;
    }
  };

  return {
    write(piece) {
      bytes += piece.length;
      const clean = withoutNul(piece);
      nulBytes += piece.length - clean.length;
      let end = 0;
      for (let at = 0; at < clean.length; at += 1) {
        const byte = clean[at];
        if (byte === QUOTE) isQuoted = !isQuoted;
        else if (byte === LINE_FEED && !isQuoted) end = at + 1;
      }
      if (end === 0) {
        rest = Buffer.concat([rest, clean]);
        return;
      }
      if (!isBroken) take(Buffer.concat([rest, clean.subarray(0, end)]));
      rest = clean.subarray(end);
    },
    end() {
      if (!isBroken && !isQuoted && rest.length > 0) take(rest);
      if (isBroken || isQuoted) return null;
      const [header = null] = found;
      const records = found.slice(1);
      return { header, records, bytes, nulBytes };
    },
  };
}

function withoutNul(piece: Buffer): Buffer {
  let nul = piece.indexOf(0);
  if (nul < 0) return piece;
  const pieces: Buffer[] = [];
  let start = 0;
  for (; nul >= 0; nul = piece.indexOf(0, start)) {
    pieces.push(piece.subarray(start, nul));
    start = nul + 1;
  }
  pieces.push(piece.subarray(start));
  return Buffer.concat(pieces);
}
