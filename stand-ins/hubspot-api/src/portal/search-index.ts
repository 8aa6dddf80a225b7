import { Heap } from "@acme/stand-in-kit";
import { SortedView } from "./sorted-view.ts";
import type { RecordVersion, StoredRecord } from "./stored-record.ts";

interface Landing {
  readonly atMs: number;
  readonly sequence: number;
  readonly record: StoredRecord;
  readonly version: RecordVersion;
}

export type IndexOrder = "modified" | "created" | "id" | "id-text";

/** What searches see of one object type: the indexed version of each record, some time behind the present one. */
export class SearchIndex {
  readonly #pending = new Heap<Landing>();
  readonly #orders: Readonly<Record<IndexOrder, SortedView<StoredRecord>>>;
  #version = 0;
  #scrambled = true;

  constructor() {
    const isIn = (record: StoredRecord) => record.indexed?.state === "live";
    const tie = (left: StoredRecord, right: StoredRecord) =>
      (this.#scrambled ? left.rank - right.rank : 0) || left.id - right.id;
    this.#orders = {
      modified: new SortedView((left, right) => modifiedAt(left) - modifiedAt(right) || tie(left, right), isIn),
      created: new SortedView((left, right) => left.createdAtMs - right.createdAtMs || tie(left, right), isIn),
      id: new SortedView((left, right) => left.id - right.id, isIn),
      "id-text": new SortedView((left, right) => compareText(String(left.id), String(right.id)), isIn),
    };
  }

  /** Changes whenever a search may answer differently. */
  get version(): number {
    return this.#version;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Whether equal dates come in an arbitrary order (the same every time) or by id. */
  scrambleTies(scrambled: boolean): void {
    if (this.#scrambled === scrambled) return;
    this.#scrambled = scrambled;
    this.#version += 1;
    for (const order of Object.values(this.#orders)) order.resort();
  }

  /** Makes the record's present version searchable at `atMs`. */
  schedule(record: StoredRecord, atMs: number, nowMs: number): void {
    const landing = { atMs, sequence: record.current.sequence, record, version: record.current };
    if (atMs <= nowMs) this.#land(landing);
    else this.#pending.push(landing);
  }

  /** Lands what is due. */
  settle(nowMs: number): void {
    for (let next = this.#pending.peek(); next !== undefined && next.atMs <= nowMs; next = this.#pending.peek()) {
      this.#pending.pop();
      this.#land(next);
    }
  }

  ordered(order: IndexOrder): readonly StoredRecord[] {
    return this.#orders[order].items();
  }

  #land({ record, version }: Landing): void {
    const known = record.indexed;
    if (known !== undefined && known.sequence > version.sequence) return;
    record.indexed = version;
    this.#version += 1;
    const { modified, created, id, "id-text": idText } = this.#orders;
    modified.touch(record);
    // The other orders never change for a record, only whether it is there.
    if ((version.state === "live") !== (known?.state === "live"))
      for (const order of [created, id, idText]) order.touch(record);
  }
}

export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function modifiedAt(record: StoredRecord): number {
  return record.indexed?.modifiedAtMs ?? 0;
}
