/** One row that was deleted. */
export interface Deletion {
  readonly id: string;
  readonly deletedMs: number;
}

/** What the replication calls know about deleted rows, those deleted for good included. Seeded deletions are not in it. */
export class DeletedLog {
  readonly #deletions = new Map<string, number>();
  #trimmedBeforeMs = Number.NEGATIVE_INFINITY;

  /** Nothing before it is known any more. */
  get trimmedBeforeMs(): number {
    return this.#trimmedBeforeMs;
  }

  add(id: string, deletedMs: number): void {
    if (!this.#deletions.has(id)) this.#deletions.set(id, deletedMs);
  }

  /** After an undelete. */
  remove(id: string): void {
    this.#deletions.delete(id);
  }

  /** Forgets what was deleted before a time, as the platform does when the log grows too long. */
  trim(beforeMs: number): void {
    this.#trimmedBeforeMs = Math.max(this.#trimmedBeforeMs, beforeMs);
    for (const [id, deletedMs] of this.#deletions) if (deletedMs < beforeMs) this.#deletions.delete(id);
  }

  /** Both bounds belong to the window. */
  between(fromMs: number, toMs: number): readonly Deletion[] {
    const found: Deletion[] = [];
    for (const [id, deletedMs] of this.#deletions) {
      if (deletedMs >= fromMs && deletedMs <= toMs) found.push({ id, deletedMs });
    }
    return found;
  }
}
