import { EXTRACTING_BYTES, NAME_BYTES, STRUCTURED_BYTES } from "./digest.ts";

/** Fits no version. */
const UNKNOWN = 0xff;

/**
 * The digest of a row of which one of two versions is stored, nobody knows which: parts in which both agree stay, the others
 * fit no version, so that they are sent again whatever they are, nothing included.
 * @param landed null: nothing of the row had landed before.
 */
export function blur(landed: Uint8Array | null, sent: Uint8Array): Uint8Array {
  const blurred = Uint8Array.from(sent);
  if (landed === null || !same(landed, 0, sent, 0, STRUCTURED_BYTES)) blurred.fill(UNKNOWN, 0, STRUCTURED_BYTES);
  for (let offset = STRUCTURED_BYTES; offset < sent.length; offset += EXTRACTING_BYTES) {
    if (!isCertain(landed, sent, offset)) blurred.fill(UNKNOWN, offset + NAME_BYTES, offset + EXTRACTING_BYTES);
  }
  return blurred;
}

/** What is known of a row of which nobody knows any more what is stored: no part of it fits any version. */
export function blurAll(digest: Uint8Array): Uint8Array {
  return blur(null, digest);
}

/** Whether nobody knows what is stored of some part of the row. */
export function isBlurred(digest: Uint8Array): boolean {
  if (digest.subarray(0, STRUCTURED_BYTES).every(isUnknown)) return true;
  for (let offset = STRUCTURED_BYTES; offset < digest.length; offset += EXTRACTING_BYTES)
    if (digest.subarray(offset + NAME_BYTES, offset + EXTRACTING_BYTES).every(isUnknown)) return true;
  return false;
}

function isUnknown(byte: number): boolean {
  return byte === UNKNOWN;
}

/** Whether both versions say the same of the property whose part of `sent` starts at `offset`. */
function isCertain(landed: Uint8Array | null, sent: Uint8Array, offset: number): boolean {
  for (let before = STRUCTURED_BYTES; landed !== null && before < landed.length; before += EXTRACTING_BYTES) {
    if (same(landed, before, sent, offset, EXTRACTING_BYTES)) return true;
  }
  return false;
}

function same(left: Uint8Array, leftOffset: number, right: Uint8Array, rightOffset: number, length: number): boolean {
  for (let index = 0; index < length; index += 1)
    if (left[leftOffset + index] !== right[rightOffset + index]) return false;
  return true;
}
