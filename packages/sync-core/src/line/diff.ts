import type { ChangedRow, MappedRow } from "../contracts/line.ts";
import type { KnownRow } from "../contracts/state.ts";
import { type Digester, EXTRACTING_BYTES, isNothing, STRUCTURED_BYTES } from "./digest.ts";

export interface DiffResult {
  readonly changed: readonly ChangedRow[];
  readonly unchanged: number;
  /** Keys of the unchanged rows: whatever of them was parked is so no longer. */
  readonly sound: readonly string[];
  /** The same version is parked already. */
  readonly stillParked: number;
}

/**
 * Finds what has to be sent: rows whose mapped values differ from what landed last. Structured values and each extracting
 * text are told apart, so that unchanged text is not extracted again. A version that is parked is not sent again.
 * @param mayReturn rows that seem new may have been here before, and their records may still hold texts that are empty by now.
 */
export function diff(
  rows: readonly MappedRow[],
  known: ReadonlyMap<string, KnownRow>,
  digester: Digester,
  mayReturn: boolean,
): DiffResult {
  const changed: ChangedRow[] = [];
  const sound: string[] = [];
  let stillParked = 0;

  for (const row of rows) {
    const before = known.get(row.key);
    const digest = digester.digest(row);
    if (before?.landed != null && equal(before.landed, digest)) {
      sound.push(row.key);
      continue;
    }
    if (before?.parked != null && equal(before.parked, digest)) {
      stillParked += 1;
      continue;
    }
    const landed = before?.landed ?? null;
    const sendStructured = landed === null || !equalPart(landed, 0, digest, 0, STRUCTURED_BYTES);
    const sendExtracting = mayReturn && landed === null ? all(row.extracting) : extractingToSend(row, landed, digest);
    // Only an extracting property that was dropped from the mapping differs: there is nothing to send for it.
    if (!sendStructured && sendExtracting.length === 0) sound.push(row.key);
    else changed.push({ row, isNew: landed === null, sendStructured, sendExtracting, digest });
  }
  return { changed, unchanged: sound.length, sound, stillParked };
}

function extractingToSend(row: MappedRow, landed: Uint8Array | null, digest: Uint8Array): number[] {
  const indexes: number[] = [];
  for (let index = 0; index < row.extracting.length; index += 1) {
    const part = STRUCTURED_BYTES + index * EXTRACTING_BYTES;
    const before = landed === null ? -1 : findPart(landed, digest, part);
    const same =
      before < 0
        ? isNothing(row.extracting[index] ?? null)
        : equalPart(landed ?? digest, before, digest, part, EXTRACTING_BYTES);
    if (!same) indexes.push(index);
  }
  return indexes;
}

function all(values: readonly unknown[]): number[] {
  return values.map((_, index) => index);
}

/** Where `landed` keeps the property whose part of `digest` starts at `part`; -1 when it was not mapped then. */
function findPart(landed: Uint8Array, digest: Uint8Array, part: number): number {
  for (let offset = STRUCTURED_BYTES; offset < landed.length; offset += EXTRACTING_BYTES) {
    if (equalPart(landed, offset, digest, part, 4)) return offset;
  }
  return -1;
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && equalPart(left, 0, right, 0, left.length);
}

function equalPart(
  left: Uint8Array,
  leftOffset: number,
  right: Uint8Array,
  rightOffset: number,
  length: number,
): boolean {
  for (let index = 0; index < length; index += 1)
    if (left[leftOffset + index] !== right[rightOffset + index]) return false;
  return true;
}
