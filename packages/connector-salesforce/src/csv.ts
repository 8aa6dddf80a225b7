import { parse } from "csv-parse/sync";

export type CsvRecord = readonly string[];

/** A page of CSV that has come in whole. */
export interface CsvPage {
  /** Its first record; null: the page is empty. */
  readonly header: CsvRecord | null;
  /** How many records follow it. */
  readonly count: number;
  readonly bytes: number;
  /** NUL bytes that were taken out. */
  readonly nulBytes: number;
  /**
   * The records behind the header, once: what has been taken is not kept. A page is kept as it came until then, since records
   * take several times its memory.
   * @throws DamagedCsv where it does not hold together.
   */
  records(): Generator<CsvRecord>;
}

/** Something in a page is no CSV, or a record has another width than the header. The page is not quoted. */
export class DamagedCsv extends Error {}

export interface CsvReader {
  /** Takes the next piece of the page, as it came from the network. */
  write(piece: Buffer): void;
  /** @returns null when the page is cut off, or what it begins or ends with does not hold together. */
  end(): CsvPage | null;
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Takes a page of CSV in while it comes. Records end with a line feed; line breaks within quotes end none, and the last may lack its
 * own. Nothing at all, or a header alone, is a page without records.
 */
export function createCsvReader(): CsvReader {
  /** Whole lines, the header first and by itself. */
  const chunks: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let isQuoted = false;
  let isEmptyLine = true;
  let lines = 0;
  let bytes = 0;
  let nulBytes = 0;

  return {
    write(piece) {
      bytes += piece.length;
      const clean = withoutNul(piece);
      nulBytes += piece.length - clean.length;
      let start = 0;
      let end = 0;
      for (let at = 0; at < clean.length; at += 1) {
        const byte = clean[at];
        if (byte === QUOTE) isQuoted = !isQuoted;
        if (byte !== LINE_FEED || isQuoted) {
          if (byte !== CARRIAGE_RETURN) isEmptyLine = false;
          continue;
        }
        end = at + 1;
        if (isEmptyLine) continue;
        isEmptyLine = true;
        lines += 1;
        if (lines > 1) continue;
        chunks.push(Buffer.concat([rest, clean.subarray(0, end)]));
        rest = Buffer.alloc(0);
        start = end;
      }
      if (end > start) {
        chunks.push(rest.length === 0 ? clean.subarray(start, end) : Buffer.concat([rest, clean.subarray(start, end)]));
        rest = clean.subarray(end);
      } else rest = Buffer.concat([rest, clean.subarray(start)]);
    },
    end() {
      if (isQuoted) return null;
      if (!isEmptyLine) {
        chunks.push(rest);
        lines += 1;
      }
      const [first, last] = [chunks.shift(), chunks.at(-1)];
      try {
        const header = first === undefined ? null : (takeApart(first, null)[0] ?? null);
        // Where a page is cut off shows at its end: before anything of it is given out.
        if (last !== undefined) takeApart(last, header);
        const count = Math.max(0, lines - 1);
        return { header, count, bytes, nulBytes, records: () => recordsOf(chunks, header, count) };
      } catch (error) {
        if (error instanceof DamagedCsv) return null;
        throw error;
      }
    },
  };
}

function* recordsOf(chunks: Buffer[], header: CsvRecord | null, count: number): Generator<CsvRecord> {
  let left = count;
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
    const records = takeApart(chunk, header);
    left -= records.length;
    if (left < 0 || (left > 0 && chunks.length === 0)) throw new DamagedCsv("its lines are no records");
    yield* records;
  }
}

/** @param header null: it is what is taken apart. */
function takeApart(csv: Buffer, header: CsvRecord | null): readonly CsvRecord[] {
  let records: CsvRecord[];
  try {
    records = parse(csv, { bom: header === null, skip_empty_lines: true, record_delimiter: ["\r\n", "\n"] });
  } catch {
    // The library's words would quote the page.
    throw new DamagedCsv("a record is no CSV");
  }
  if (header !== null && records.some((record) => record.length !== header.length))
    throw new DamagedCsv("a record has another width than the header");
  return records;
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
