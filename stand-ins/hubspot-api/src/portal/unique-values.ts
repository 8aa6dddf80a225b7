import type { StoredRecord } from "./stored-record.ts";

/** Records by the value of one property, without regard to case. */
export class UniqueValues {
  readonly #read: (record: StoredRecord) => string | null;
  readonly #records = new Map<string, StoredRecord>();

  constructor(records: readonly StoredRecord[], read: (record: StoredRecord) => string | null) {
    this.#read = read;
    for (const record of records) this.add(record);
  }

  get(value: string): StoredRecord | undefined {
    return this.#records.get(value.toLowerCase());
  }

  /** The first owner keeps a value. */
  add(record: StoredRecord): void {
    const value = this.#read(record)?.toLowerCase();
    if (value !== undefined && value !== "" && !this.#records.has(value)) this.#records.set(value, record);
  }

  remove(record: StoredRecord): void {
    const value = this.#read(record)?.toLowerCase();
    if (value !== undefined && this.#records.get(value) === record) this.#records.delete(value);
  }
}
