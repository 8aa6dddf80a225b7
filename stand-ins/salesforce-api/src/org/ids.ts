const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
const INSTANCE = "Hp0";
const SERIAL_LENGTH = 9;
/** Serials begin here, so that letters of both cases stand in the changing places. */
const FIRST_SERIAL = 36 * 62 ** 4;
/** Within so many rows ids are in disorder. */
export const BLOCK = 256;
const STEP = 167;
/** The inverse of STEP modulo BLOCK. */
const INVERSE_STEP = 23;
const SHIFT = 91;

/** Rows an object can have, so that a stamp in seconds and a rank fit together in the 53 bits of a number. */
export const MAX_ROWS = 4_194_304;

/**
 * The place of a row among all ids of its object. Ascending as a whole, disordered within each 256, as where several
 * servers hand out ids: of two rows the later one may have the smaller id.
 */
export function toRank(position: number): number {
  return position - (position % BLOCK) + (((position % BLOCK) * STEP + SHIFT) % BLOCK);
}

/** The row that has a rank. */
export function toPosition(rank: number): number {
  return rank - (rank % BLOCK) + ((((rank % BLOCK) + BLOCK - SHIFT) * INVERSE_STEP) % BLOCK);
}

/** The 18-character id of a row. The text order of ids is the order of ranks. */
export function toId(keyPrefix: string, position: number): string {
  let serial = FIRST_SERIAL + toRank(position);
  let text = "";
  for (let place = 0; place < SERIAL_LENGTH; place += 1) {
    text = (ALPHABET[serial % 62] ?? "") + text;
    serial = Math.floor(serial / 62);
  }
  return withSuffix(`${keyPrefix}${INSTANCE}${text}`);
}

/** The row an 18-character id belongs to; it may not exist. Undefined when the id is not one of this server's. */
export function toIdPosition(id: string): number | undefined {
  if (id.slice(3, 6) !== INSTANCE) return undefined;
  const rank = toSerial(id.slice(6, 15)) - FIRST_SERIAL;
  return rank < 0 || rank >= MAX_ROWS ? undefined : toPosition(rank);
}

/** Where an id of any object would stand among the ranks of the object with `keyPrefix`; may lie outside of them. */
export function toRankBound(keyPrefix: string, id: string): number {
  const start = `${keyPrefix}${INSTANCE}`;
  const [head, serialText] = [id.slice(0, start.length), id.slice(start.length, start.length + SERIAL_LENGTH)];
  if (head !== start) return head < start ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return toSerial(serialText) - FIRST_SERIAL;
}

/** An id of 15 or 18 characters as 18. Undefined for anything else, and for a suffix that does not belong. */
export function normalizeId(text: string): string | undefined {
  if (!/^(?:[0-9A-Za-z]{15}|[0-9A-Za-z]{18})$/.test(text)) return undefined;
  const full = withSuffix(text.slice(0, 15));
  return text.length === 15 || full.slice(15) === text.slice(15).toUpperCase() ? full : undefined;
}

/** Appends the three characters that tell which of the 15 are capitals: five bits for each group of five. */
export function withSuffix(id15: string): string {
  let suffix = "";
  for (let group = 0; group < 3; group += 1) {
    let bits = 0;
    for (let index = 0; index < 5; index += 1) {
      const character = id15[group * 5 + index] ?? "";
      if (character >= "A" && character <= "Z") bits += 2 ** index;
    }
    suffix += SUFFIX_ALPHABET[bits] ?? "";
  }
  return id15 + suffix;
}

function toSerial(text: string): number {
  let serial = 0;
  for (const character of text) serial = serial * 62 + ALPHABET.indexOf(character);
  return serial;
}
