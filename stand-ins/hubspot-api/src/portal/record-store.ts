import { SortedView } from "./sorted-view.ts";
import type { StoredRecord } from "./stored-record.ts";

const byId = (left: StoredRecord, right: StoredRecord): number => left.id - right.id;

/** The records of one object type, found by id and listed by ascending id. */
export class RecordStore {
  readonly #records = new Map<number, StoredRecord>();
  readonly #seeded: StoredRecord[] = [];
  /** Losing id of a merge to the id that took its place. */
  readonly #mergedInto = new Map<number, number>();
  readonly #live = new SortedView<StoredRecord>(byId, (record) => record.current.state === "live");
  readonly #archived = new SortedView<StoredRecord>(byId, (record) => record.current.state === "archived");
  readonly #present = new SortedView<StoredRecord>(byId, (record) => record.current.state !== "gone");

  /** A seeded record must come in the order of its index. */
  add(record: StoredRecord): void {
    this.#records.set(record.id, record);
    if (record.seedIndex >= 0) this.#seeded.push(record);
    this.#place(record);
  }

  has(id: number): boolean {
    return this.#records.has(id);
  }

  /** The record with exactly this id, in whatever state. */
  get(id: number): StoredRecord | undefined {
    return this.#records.get(id);
  }

  seeded(): readonly StoredRecord[] {
    return this.#seeded;
  }

  /** To be called after `current` changed state. */
  moved(record: StoredRecord): void {
    if (record.current.state === "gone") this.#records.delete(record.id);
    this.#place(record);
  }

  live(): readonly StoredRecord[] {
    return this.#live.items();
  }

  archived(): readonly StoredRecord[] {
    return this.#archived.items();
  }

  /** Live and archived ones. */
  present(): readonly StoredRecord[] {
    return this.#present.items();
  }

  mergeInto(loserId: number, survivorId: number): void {
    this.#mergedInto.set(loserId, survivorId);
  }

  /** The id that stands for `id` after all merges; undefined when it was never merged away. */
  survivorOf(id: number): number | undefined {
    let survivor = this.#mergedInto.get(id);
    while (survivor !== undefined) {
      const next = this.#mergedInto.get(survivor);
      if (next === undefined) return survivor;
      survivor = next;
    }
    return undefined;
  }

  #place(record: StoredRecord): void {
    for (const view of [this.#live, this.#archived, this.#present]) view.touch(record);
  }
}
