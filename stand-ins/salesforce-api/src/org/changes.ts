import { drawDelayMs } from "@acme/stand-in-kit";
import type { Knobs } from "../knobs.ts";
import type { FieldDefinition, Value } from "./field-definition.ts";
import { normalizeId } from "./ids.ts";
import type { Org } from "./org.ts";
import { toSecond } from "./seed-times.ts";
import type { Table } from "./table.ts";
import type { Version } from "./version.ts";

/** How a change is made. */
export interface ChangeOptions {
  /** Its stamp, in milliseconds since 1970; default now. */
  readonly atMs?: number;
  /** How long after now it becomes visible; default as the knob `commitDelayMs` says. */
  readonly delayMs?: number;
}

/** Which dates a change moves: all of them, SystemModstamp alone, or none. */
export type Touch = "user" | "system" | "none";

/** Values by field name, as JSON has them: a date-time is ISO 8601 text. */
export type FieldValues = Readonly<Record<string, string | number | boolean | null>>;

export interface ChangeContext {
  readonly org: Org;
  readonly knobs: Readonly<Knobs>;
  readonly random: () => number;
  readonly nowMs: number;
  /** Who makes it. */
  readonly userId: string;
}

/** Changes of rows that are made at one moment and become visible together. */
export class Changes {
  readonly #context: ChangeContext;
  readonly #stampMs: number;
  readonly #visibleAtMs: number;

  constructor(context: ChangeContext, options: ChangeOptions = {}) {
    this.#context = context;
    this.#stampMs = toSecond(options.atMs ?? context.nowMs);
    const delayMs = options.delayMs ?? drawDelayMs(context.knobs.commitDelayMs, context.random);
    this.#visibleAtMs = context.nowMs + delayMs;
  }

  /** Answers the id, which is taken at once whatever the delay. */
  create(table: Table, values: FieldValues): string {
    const stored = toStored(table, values);
    const position = table.allocate();
    const { userId } = this.#context;
    const owner = table.field("OwnerId");
    if (owner !== undefined && !stored.has(owner.name)) stored.set(owner.name, userId);
    this.#commit(() =>
      table.put(position, {
        values: stored,
        createdMs: this.#stampMs,
        stampMs: this.#stampMs,
        modifiedMs: this.#stampMs,
        createdById: userId,
        modifiedById: userId,
        deletedMs: undefined,
        purged: false,
        masterId: null,
      }),
    );
    return table.idOf(position);
  }

  update(table: Table, position: number, values: FieldValues, touch: Touch = "user"): void {
    const stored = toStored(table, values);
    this.#change(table, position, touch, (version) => ({ values: new Map([...version.values, ...stored]) }));
  }

  /** Into the bin, or past it where the object has none. */
  delete(table: Table, position: number): void {
    const { hardDeletes } = table.definition;
    this.#change(table, position, "system", () => ({ deletedMs: this.#stampMs, purged: hardDeletes }));
    this.#commit(() => table.deletedLog.add(table.idOf(position), this.#stampMs));
  }

  /** Out of sight of every query; the log of deleted rows knows it. */
  purge(table: Table, position: number): void {
    const deletedMs = table.deletedMs(position, table.version(position)) ?? this.#stampMs;
    this.#change(table, position, "none", () => ({ deletedMs, purged: true }));
    this.#commit(() => table.deletedLog.add(table.idOf(position), deletedMs));
  }

  undelete(table: Table, position: number): void {
    const touch = this.#context.knobs.undeleteTouches ? "system" : "none";
    this.#change(table, position, touch, () => ({ deletedMs: undefined, masterId: null }));
    this.#commit(() => table.deletedLog.remove(table.idOf(position)));
  }

  /** Gaps of the winner are filled; rows that point at a loser point at the winner from now on. */
  merge(table: Table, winner: number, losers: readonly number[]): void {
    const winnerId = table.idOf(winner);
    this.#change(table, winner, "user", (version) => ({ values: this.#fill(table, winner, version, losers) }));
    for (const loser of losers) {
      this.#change(table, loser, "system", () => ({ deletedMs: this.#stampMs, masterId: winnerId }));
      this.#commit(() => table.deletedLog.add(table.idOf(loser), this.#stampMs));
    }
    const lost = new Set(losers.map((loser) => table.idOf(loser)));
    for (const child of this.#context.org.tables()) this.#reparent(child, table.name, lost, winnerId);
  }

  #reparent(child: Table, parent: string, lost: ReadonlySet<string>, winnerId: string): void {
    const lookups = [...child.fields()].filter(
      (field) => field.system === undefined && field.referenceTo.includes(parent),
    );
    if (lookups.length === 0) return;
    const touch = this.#context.knobs.mergeTouchesChildren ? "system" : "none";
    for (let position = 0; position < child.count; position += 1) {
      const version = child.version(position);
      for (const lookup of lookups) {
        const id = child.value(position, version, lookup);
        if (typeof id === "string" && lost.has(id)) this.update(child, position, { [lookup.name]: winnerId }, touch);
      }
    }
  }

  #fill(table: Table, winner: number, version: Version, losers: readonly number[]): ReadonlyMap<string, Value> {
    const values = new Map(version.values);
    for (const field of table.fields()) {
      if (!isWritable(field) || field.type === "boolean" || table.value(winner, version, field) !== null) continue;
      for (const loser of losers) {
        const value = table.value(loser, table.version(loser), field);
        if (value === null) continue;
        values.set(field.name, value);
        break;
      }
    }
    return values;
  }

  /** Made of the row as it is when the change becomes visible. */
  #change(table: Table, position: number, touch: Touch, change: (version: Version) => Partial<Version>): void {
    this.#commit(() => {
      const version = table.fullVersion(position);
      const stamped = touch === "none" ? {} : { stampMs: this.#stampMs };
      const modified = touch === "user" ? { modifiedMs: this.#stampMs, modifiedById: this.#context.userId } : {};
      table.put(position, { ...version, ...stamped, ...modified, ...change(version) });
    });
  }

  #commit(apply: () => void): void {
    this.#context.org.commit(this.#stampMs, this.#visibleAtMs, this.#context.nowMs, apply);
  }
}

function isWritable(field: FieldDefinition): boolean {
  return field.system === undefined && field.formula === undefined && field.parts === undefined;
}

/** Throws RangeError for a field that is unknown or not to be written. */
function toStored(table: Table, values: FieldValues): Map<string, Value> {
  const stored = new Map<string, Value>();
  for (const [name, value] of Object.entries(values)) {
    const field = table.field(name);
    if (field === undefined) throw new RangeError(`No field ${name} of ${table.name}`);
    if (!isWritable(field)) throw new RangeError(`${table.name}.${field.name} cannot be written`);
    stored.set(field.name, toStoredValue(field, value));
  }
  return stored;
}

function toStoredValue(field: FieldDefinition, value: Value): Value {
  // The platform stores an empty text as no value.
  if (value === null || value === "") return null;
  if (field.type === "datetime") {
    const timeMs = typeof value === "number" ? value : Date.parse(String(value));
    if (Number.isNaN(timeMs)) throw new RangeError(`${field.name} must be a date-time`);
    return toSecond(timeMs);
  }
  if (field.type === "reference") {
    const id = normalizeId(String(value));
    if (id === undefined) throw new RangeError(`${field.name} must be an id of 15 or 18 characters`);
    return id;
  }
  return value;
}
