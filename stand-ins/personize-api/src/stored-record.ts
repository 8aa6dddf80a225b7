import { copyFoldedRecord, createFoldedRecord, type FoldedRecord, foldWrite, type Memory } from "./folded-record.ts";
import type { Write } from "./write-plan.ts";

const WRITES_BEFORE_COMPACTION = 32;

/** Days between a soft delete and the point of no return. */
export const RESTORABLE_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * One record. Landing a row only remembers a reference to it; values and memories are worked out when somebody reads,
 * so that a benchmark of a million rows does not pay for what nobody looks at.
 */
export class StoredRecord {
  /** As spelled by the first writer. */
  readonly type: string;
  readonly typeKey: string;
  readonly key: string;
  recordId: string | undefined;
  email: string | undefined;
  websiteUrl: string | undefined;
  /** Further keys by name; values as received. */
  customKeys: Record<string, string> | undefined;
  readonly createdAtMs: number;
  updatedAtMs: number;
  /** Rows landed, repeats included. */
  landedRows = 0;
  deletedAtMs: number | undefined;
  deletedMemories: Map<string, number> | undefined;
  #writes: Write[] = [];
  #base: FoldedRecord | undefined;

  constructor(type: string, typeKey: string, key: string, createdAtMs: number) {
    this.type = type;
    this.typeKey = typeKey;
    this.key = key;
    this.createdAtMs = createdAtMs;
    this.updatedAtMs = createdAtMs;
  }

  add(write: Write, historyLimit: number): void {
    this.#writes.push(write);
    this.landedRows += 1;
    this.updatedAtMs = write.landedAtMs;
    if (this.#writes.length < WRITES_BEFORE_COMPACTION) return;
    this.#base = this.fold(historyLimit);
    this.#writes = [];
  }

  /** The record as its writes make it. The result is the caller's own; changing it changes nothing here. */
  fold(historyLimit: number): FoldedRecord {
    const folded = this.#base === undefined ? createFoldedRecord() : copyFoldedRecord(this.#base);
    for (const write of this.#writes) foldWrite(folded, write, historyLimit);
    return folded;
  }

  /** The memories that are not deleted. */
  memories(folded: FoldedRecord): readonly Memory[] {
    const deleted = this.deletedMemories;
    return deleted === undefined ? folded.memories : folded.memories.filter((memory) => !deleted.has(memory.text));
  }

  get mayHaveMemories(): boolean {
    return (this.#base?.memories.length ?? 0) > 0 || this.#writes.some((write) => write.plan.extracts);
  }

  isVisible(): boolean {
    return this.deletedAtMs === undefined;
  }

  isFinallyDeleted(nowMs: number): boolean {
    return this.deletedAtMs !== undefined && nowMs - this.deletedAtMs >= RESTORABLE_MS;
  }

  /** Forgets everything that was written. */
  clear(): void {
    this.#base = undefined;
    this.#writes = [];
    this.landedRows = 0;
    this.deletedMemories = undefined;
  }

  /** Takes over contents read from a store file. */
  restore(folded: FoldedRecord, landedRows: number): void {
    this.#base = folded;
    this.#writes = [];
    this.landedRows = landedRows;
  }
}
