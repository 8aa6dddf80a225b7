import type { UnsettledBatch } from "../contracts/state.ts";

type Rows = UnsettledBatch["rows"];

/** First byte of every packed value, so that a later format can be told from this one. */
const format = 1;

/**
 * The rows of a batch in one value: a format byte, the number of rows, then key, record and digest of each, every one of
 * them after its length in bytes. Numbers are unsigned LEB128. Texts must be well-formed Unicode.
 */
export function packRows(rows: Rows): Uint8Array {
  let size = 1 + numberSize(rows.length);
  for (const row of rows) {
    for (const bytes of [Buffer.byteLength(row.key), Buffer.byteLength(row.record), row.digest.length]) {
      size += numberSize(bytes) + bytes;
    }
  }
  const packed = Buffer.allocUnsafe(size);
  let at = packed.writeUInt8(format, 0);
  at = writeNumber(packed, at, rows.length);
  for (const row of rows) {
    for (const text of [row.key, row.record]) {
      at = writeNumber(packed, at, Buffer.byteLength(text));
      at += packed.write(text, at);
    }
    at = writeNumber(packed, at, row.digest.length);
    packed.set(row.digest, at);
    at += row.digest.length;
  }
  return packed;
}

/** The inverse of {@link packRows}; null when the value was not made by it. */
export function unpackRows(packed: Uint8Array): Rows | null {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  if (bytes[0] !== format) return null;
  let at = 1;

  const readNumber = (): number => {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  const readBytes = (): Buffer | null => {
    const length = readNumber();
    if (!(at + length <= bytes.length)) return null;
    at += length;
    return bytes.subarray(at - length, at);
  };

  const count = readNumber();
  // A row takes three bytes at least: a damaged count must not make us allocate without end.
  if (!(count * 3 <= bytes.length)) return null;
  const rows: Rows[number][] = [];
  for (let index = 0; index < count; index++) {
    const key = readBytes();
    const record = readBytes();
    const digest = readBytes();
    if (key === null || record === null || digest === null) return null;
    rows.push({ key: key.toString(), record: record.toString(), digest: Uint8Array.from(digest) });
  }
  return at === bytes.length ? rows : null;
}

function numberSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

function writeNumber(target: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) at = target.writeUInt8((rest % 128) + 128, at);
  return target.writeUInt8(rest, at);
}
