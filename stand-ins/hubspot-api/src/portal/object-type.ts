import { IdAllocator } from "./id-allocator.ts";
import type { PropertyDefinition } from "./property-definition.ts";
import { RecordStore } from "./record-store.ts";
import { SearchIndex } from "./search-index.ts";
import type { RecordVersion, StoredRecord } from "./stored-record.ts";
import { UniqueValues } from "./unique-values.ts";

/** What makes one object type different from another. */
export interface ObjectTypeFacts {
  /** Such as `0-1` or `2-4101`. */
  readonly typeId: string;
  /** Plural name of the API; for custom objects the fully qualified name, such as `p4242_car`. */
  readonly name: string;
  /** Other names a path may use. */
  readonly aliases: readonly string[];
  /** Upper-case name in messages, such as `CONTACT`. */
  readonly entity: string;
  readonly labels: { readonly singular: string; readonly plural: string };
  readonly custom: boolean;
  readonly engagement: boolean;
  readonly modifiedProperty: "lastmodifieddate" | "hs_lastmodifieddate";
  /** `createdate` or `hs_createdate`. */
  readonly createdProperty: string;
  /** What comes back when no property is asked for, beside those that always come. */
  readonly defaultProperties: readonly string[];
  /** What `query` looks into. */
  readonly searchableProperties: readonly string[];
  readonly primaryDisplayProperty: string;
  /** Any one of them allows reading. */
  readonly readScopes: readonly string[];
  readonly createdAtMs: number;
}

/** One object type of a portal with its properties and records. */
export class ObjectType {
  readonly facts: ObjectTypeFacts;
  /** By name, archived ones included. */
  readonly properties = new Map<string, PropertyDefinition>();
  readonly records = new RecordStore();
  readonly index = new SearchIndex();
  readonly ids: IdAllocator;
  readonly #seed: number;
  readonly #ownerCount: () => number;
  readonly #unique = new Map<string, UniqueValues>();

  constructor(
    facts: ObjectTypeFacts,
    definitions: readonly PropertyDefinition[],
    random: () => number,
    seed: number,
    ownerCount: () => number,
  ) {
    this.facts = facts;
    for (const definition of definitions) this.properties.set(definition.name, definition);
    this.ids = new IdAllocator(random);
    this.#seed = seed;
    this.#ownerCount = ownerCount;
  }

  /** The property of this name, unless it is archived. */
  property(name: string): PropertyDefinition | undefined {
    const definition = this.properties.get(name);
    return definition === undefined || definition.archived ? undefined : definition;
  }

  /**
   * How to read a property off a record: its stored value, else its generated one, else null. Undefined for a name that is
   * not defined. `version` is one of the record's own.
   */
  reader(name: string): ReadValue | undefined {
    const definition = this.property(name);
    if (definition === undefined) return undefined;
    const system = this.#systemReader(name);
    if (system !== undefined) return system;
    const { generate } = definition;
    if (generate === undefined) return (_, version) => version.values.get(name) ?? null;
    return (record, version) => {
      const stored = version.values.get(name);
      if (stored !== undefined) return stored;
      return record.seedIndex < 0 ? null : generate(this.#rowOf(record));
    };
  }

  /** The present value; null when there is none or no such property. */
  read(record: StoredRecord, name: string): string | null {
    return this.reader(name)?.(record, record.current) ?? null;
  }

  /** Records by the value of a property that is unique, kept up to date from the first use on. */
  unique(name: string): UniqueValues {
    const known = this.#unique.get(name);
    if (known !== undefined) return known;
    const values = new UniqueValues(this.records.present(), (record) => this.read(record, name));
    this.#unique.set(name, values);
    return values;
  }

  /** To be called before and after a record changes, so that unique values keep up. */
  forget(record: StoredRecord): void {
    for (const values of this.#unique.values()) values.remove(record);
  }

  remember(record: StoredRecord): void {
    if (record.current.state === "gone") return;
    for (const values of this.#unique.values()) values.add(record);
  }

  #systemReader(name: string): ReadValue | undefined {
    if (name === "hs_object_id") return (record) => String(record.id);
    if (name === this.facts.createdProperty) return (record) => new Date(record.createdAtMs).toISOString();
    if (name === this.facts.modifiedProperty) return (_, version) => new Date(version.modifiedAtMs).toISOString();
    return undefined;
  }

  #rowOf(record: StoredRecord) {
    return {
      seed: this.#seed,
      index: record.seedIndex,
      createdAtMs: record.createdAtMs,
      modifiedAtMs: record.current.modifiedAtMs,
      ownerCount: this.#ownerCount(),
    };
  }
}

export type ReadValue = (record: StoredRecord, version: RecordVersion) => string | null;
