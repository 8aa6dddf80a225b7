import { DAY_MS, hash } from "@acme/stand-in-kit";
import { DeletedLog } from "./deleted-log.ts";
import type { FieldDefinition, Value } from "./field-definition.ts";
import type { FormulaReader } from "./formula.ts";
import { BLOCK, MAX_ROWS, toId as toRowId, toIdPosition, toPosition, toRankBound } from "./ids.ts";
import type { ObjectDefinition } from "./object-definition.ts";
import type { SeedTimes } from "./seed-times.ts";
import { StampIndex } from "./stamp-index.ts";
import type { Version } from "./version.ts";

/** Days a deleted row stays in the bin. */
export const BIN_DAYS = 15;

export type RowState = "live" | "deleted" | "gone";

export interface TableOptions {
  readonly definition: ObjectDefinition;
  readonly seededCount: number;
  readonly seed: number;
  readonly times: SeedTimes;
  readonly userId: (position: number) => string;
  readonly userCount: number;
  readonly readFormula: FormulaReader;
}

/** The rows of one object. A row is its position; what differs from its seed is a Version. */
export class Table {
  readonly definition: ObjectDefinition;
  readonly seededCount: number;
  readonly deletedLog = new DeletedLog();
  readonly #options: TableOptions;
  readonly #fields: Map<string, FieldDefinition>;
  readonly #changed = new Map<number, Version>();
  #index: StampIndex | undefined;
  #count: number;

  /** Throws RangeError for more rows than an object can have. */
  constructor(options: TableOptions) {
    if (options.seededCount > MAX_ROWS / 2) throw new RangeError(`An object has at most ${MAX_ROWS / 2} seeded rows`);
    this.definition = options.definition;
    this.seededCount = options.seededCount;
    this.#options = options;
    this.#count = options.seededCount;
    this.#fields = new Map(options.definition.fields.map((field) => [field.name.toLowerCase(), field]));
  }

  get name(): string {
    return this.definition.name;
  }

  /** Rows that ever were, so one more than the highest position. */
  get count(): number {
    return this.#count;
  }

  fields(): IterableIterator<FieldDefinition> {
    return this.#fields.values();
  }

  /** By name in any case. */
  field(name: string): FieldDefinition | undefined {
    return this.#fields.get(name.toLowerCase());
  }

  /** Adds a field, or replaces one. */
  setField(field: FieldDefinition): void {
    this.#fields.set(field.name.toLowerCase(), field);
  }

  removeField(name: string): void {
    this.#fields.delete(name.toLowerCase());
  }

  idOf(position: number): string {
    return toRowId(this.definition.keyPrefix, position);
  }

  /** The position of an 18-character id; undefined when no such row ever was. */
  positionOf(id: string): number | undefined {
    if (!id.startsWith(this.definition.keyPrefix)) return undefined;
    const position = toIdPosition(id);
    return position === undefined || position >= this.#count ? undefined : position;
  }

  /** The present state of a row; undefined while it is as it was seeded. */
  version(position: number): Version | undefined {
    return this.#changed.get(position);
  }

  /** The same, made of the seed where nothing changed. */
  fullVersion(position: number): Version {
    return (
      this.#changed.get(position) ?? {
        values: new Map(),
        createdMs: this.seedCreatedMs(position),
        stampMs: this.seedStampMs(position),
        modifiedMs: this.seedModifiedMs(position),
        createdById: this.seedUserId(position, 1),
        modifiedById: this.seedUserId(position, 2),
        deletedMs: this.deletedMs(position, undefined),
        purged: false,
        masterId: null,
      }
    );
  }

  put(position: number, version: Version): void {
    this.#changed.set(position, version);
    this.#index?.invalidate();
  }

  /** Takes the next position. Throws RangeError when there is none left. */
  allocate(): number {
    if (this.#count >= MAX_ROWS) throw new RangeError(`${this.name} is full`);
    this.#count += 1;
    return this.#count - 1;
  }

  value(position: number, version: Version | undefined, field: FieldDefinition): Value {
    if (field.system !== undefined) return field.system(this, position, version);
    if (field.formula !== undefined) return this.#options.readFormula(field.formula, this, position, version);
    const own = version?.values.get(field.name);
    if (own !== undefined) return own;
    if (position < this.seededCount && field.seed !== undefined) return field.seed(position);
    return field.type === "boolean" ? false : null;
  }

  deletedMs(position: number, version: Version | undefined): number | undefined {
    return version === undefined ? this.#options.times.deletedMs(position) : version.deletedMs;
  }

  stampMs(position: number, version: Version | undefined): number {
    return version?.stampMs ?? this.seedStampMs(position);
  }

  /** Positions that were taken and whose row is not visible yet are gone as well. */
  state(position: number, version: Version | undefined, nowMs: number): RowState {
    if (version === undefined && position >= this.seededCount) return "gone";
    if (version?.purged === true) return "gone";
    const deletedMs = this.deletedMs(position, version);
    if (deletedMs === undefined) return "live";
    return deletedMs + BIN_DAYS * DAY_MS <= nowMs ? "gone" : "deleted";
  }

  /** An activity that was put away: queries show it only together with the rows of the bin. */
  isArchived(position: number, version: Version | undefined): boolean {
    const field = this.#fields.get("isarchived");
    return field !== undefined && this.value(position, version, field) === true;
  }

  /** Positions by (stamp, id) within both bounds. */
  byStamp(fromMs: number, toMs: number): IterableIterator<number> {
    this.#index ??= new StampIndex(this.seededCount, (position) => this.seedStampMs(position), this.#changed);
    return this.#index.between(fromMs, toMs);
  }

  /** Positions by id, from one id to another, both of 18 characters; by default all there are. */
  *byId(fromId = "", toId = "~"): IterableIterator<number> {
    const ranks = Math.ceil(this.#count / BLOCK) * BLOCK;
    const last = Math.min(ranks - 1, toRankBound(this.definition.keyPrefix, toId));
    for (let rank = Math.max(0, toRankBound(this.definition.keyPrefix, fromId)); rank <= last; rank += 1) {
      const position = toPosition(rank);
      if (position < this.#count) yield position;
    }
  }

  changed(): ReadonlyMap<number, Version> {
    return this.#changed;
  }

  seedCreatedMs(position: number): number {
    return this.#options.times.createdMs(position);
  }

  seedStampMs(position: number): number {
    return this.#options.times.stampMs(position);
  }

  seedModifiedMs(position: number): number {
    return this.#options.times.modifiedMs(position);
  }

  seedUserId(position: number, salt: number): string {
    const { seed, userCount, userId } = this.#options;
    return userId(hash(seed, position, salt) % Math.max(userCount, 1));
  }
}
