import { isDeepStrictEqual } from "node:util";
import { toExtractableTexts, toSentences } from "./extraction.ts";
import type { Write } from "./write-plan.ts";

export interface HistoryEntry {
  readonly value: unknown;
  readonly updatedAtMs: number;
}

/** The present value of one property of one record, with its bounded past. */
export interface Cell {
  readonly property: string;
  readonly collectionId: string;
  readonly appendOnly: boolean;
  value: unknown;
  updatedAtMs: number;
  version: number;
  /** Former values, oldest first. */
  history: HistoryEntry[];
}

export interface Memory {
  readonly text: string;
  readonly createdAtMs: number;
  /** Undefined for a memory of free-form content. */
  readonly property: string | undefined;
  readonly collectionId: string;
}

/** What a record says once all its writes are taken together. */
export interface FoldedRecord {
  readonly cells: Cell[];
  readonly memories: Memory[];
}

export function createFoldedRecord(): FoldedRecord {
  return { cells: [], memories: [] };
}

/** An independent copy, so that folding further writes leaves `record` as it is. */
export function copyFoldedRecord(record: FoldedRecord): FoldedRecord {
  return {
    cells: record.cells.map((cell) => ({ ...cell, history: [...cell.history] })),
    memories: [...record.memories],
  };
}

/**
 * Takes `write` into `record`: replaceable properties are overwritten (an absent field and null both store null),
 * append-only ones grow (null adds nothing), extracting ones add a memory per sentence unless the record has the same
 * text already.
 */
export function foldWrite(record: FoldedRecord, write: Write, historyLimit: number): void {
  for (const target of write.plan.targets) {
    const value = write.row[target.field] ?? null;
    if (target.property !== undefined) {
      setCell(record, target.property, target.collectionId, target.appendOnly, value, write.landedAtMs, historyLimit);
    }
    if (!target.extract) continue;
    for (const text of toExtractableTexts(value)) {
      for (const sentence of toSentences(text)) {
        if (record.memories.some((memory) => memory.text === sentence)) continue;
        record.memories.push({
          text: sentence,
          createdAtMs: write.landedAtMs,
          property: target.property,
          collectionId: target.collectionId,
        });
      }
    }
  }
}

function setCell(
  record: FoldedRecord,
  property: string,
  collectionId: string,
  appendOnly: boolean,
  value: unknown,
  timeMs: number,
  historyLimit: number,
): void {
  const cell = record.cells.find((other) => other.property === property && other.collectionId === collectionId);
  if (cell === undefined) {
    const first = appendOnly ? toItems(value) : value;
    record.cells.push({
      property,
      collectionId,
      appendOnly,
      value: first,
      updatedAtMs: timeMs,
      version: 1,
      history: [],
    });
    return;
  }
  const next = appendOnly ? [...toItems(cell.value), ...toItems(value)] : value;
  if (isDeepStrictEqual(next, cell.value)) return;
  cell.history.push({ value: cell.value, updatedAtMs: cell.updatedAtMs });
  if (cell.history.length > historyLimit) cell.history.splice(0, cell.history.length - historyLimit);
  cell.value = next;
  cell.updatedAtMs = timeMs;
  cell.version += 1;
}

function toItems(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
