import { hash, Heap } from "@acme/stand-in-kit";
import { extraFields, toCustomObject, toField } from "./custom-objects.ts";
import { defineField, type Value } from "./field-definition.ts";
import { evaluateFormula, type FormulaReader } from "./formula.ts";
import { toId, withSuffix } from "./ids.ts";
import { defineObject, type ObjectDefinition } from "./object-definition.ts";
import { oddObjects } from "./odd-objects.ts";
import type { CompleteOrgSeed, CustomObjectSeed } from "./org-seed.ts";
import type { SeedContext } from "./seed-context.ts";
import { createSeedTimes } from "./seed-times.ts";
import { standardObjects } from "./standard-objects.ts";
import { systemFieldNames, systemFields } from "./system-fields.ts";
import { Table } from "./table.ts";

/** A change that is stamped already and that nobody sees yet. */
interface PendingCommit {
  readonly atMs: number;
  readonly sequence: number;
  readonly stampMs: number;
  readonly apply: () => void;
}

const MAX_PARENTS = 5;
const SMALL_LISTS: Readonly<Record<string, number>> = { TaskStatus: 2, CaseStatus: 3 };

/** One org: its objects, and the changes on their way. */
export class Org {
  readonly seed: CompleteOrgSeed;
  readonly id: string;
  readonly #tables = new Map<string, Table>();
  readonly #byPrefix = new Map<string, Table>();
  readonly #pending = new Heap<PendingCommit>();
  readonly #context: SeedContext;
  #sequence = 0;
  #customObjects = 0;

  constructor(seed: CompleteOrgSeed, usernames: readonly string[]) {
    this.seed = seed;
    this.id = withSuffix(seed.organizationId.slice(0, 15));
    const counts = toCounts(seed);
    const prefixes = new Map<string, string>();
    this.#context = {
      untilMs: seed.untilMs,
      personAccounts: seed.personAccounts,
      archivedShare: seed.archivedShare,
      seedOf: (object) => hash(seed.seed, object.length, toNumber(object)),
      count: (object) => counts.get(object) ?? 0,
      idOf: (object, position) => toId(prefixes.get(object) ?? "000", position),
      username: (position) => usernames[position] ?? `user.${position + 1}@org.example`,
    };
    const definitions = [...standardObjects(this.#context), ...oddObjects(this.#context)];
    for (const definition of definitions) prefixes.set(definition.name, definition.keyPrefix);
    for (const definition of definitions) this.#add(this.#complete(definition), counts.get(definition.name) ?? 0);
    for (const custom of seed.customObjects) this.defineCustomObject(custom);
    for (let index = 0; index < seed.fillerObjects; index += 1) this.#add(toFiller(index), 0);
    for (const name of [...Object.keys(seed.rows), ...Object.keys(seed.fields), ...Object.keys(seed.extraFields)])
      this.table(name);
  }

  tables(): IterableIterator<Table> {
    return this.#tables.values();
  }

  /** By name in any case. */
  find(name: string): Table | undefined {
    return this.#tables.get(name.toLowerCase());
  }

  /** Throws RangeError for an unknown name. */
  table(name: string): Table {
    const table = this.find(name);
    if (table === undefined) throw new RangeError(`No object ${name}`);
    return table;
  }

  /** The row of an 18-character id, whatever state it is in. */
  locate(id: string): { readonly table: Table; readonly position: number } | undefined {
    const table = this.#byPrefix.get(id.slice(0, 3));
    const position = table?.positionOf(id);
    return table === undefined || position === undefined ? undefined : { table, position };
  }

  /** Answers its full name. */
  defineCustomObject(seed: CustomObjectSeed): string {
    const definition = toCustomObject(seed, this.#customObjects, this.#context);
    if (this.find(definition.name) !== undefined) throw new RangeError(`Object ${definition.name} exists`);
    this.#customObjects += 1;
    this.#add(this.#complete(definition), seed.rows ?? this.seed.rows[definition.name] ?? 0);
    return definition.name;
  }

  userId(position: number): string {
    return this.#context.idOf("User", position);
  }

  /** Carries out `apply` at `visibleAtMs`, or at once when that is not later than now. */
  commit(stampMs: number, visibleAtMs: number, nowMs: number, apply: () => void): void {
    if (visibleAtMs <= nowMs) {
      apply();
      return;
    }
    this.#sequence += 1;
    this.#pending.push({ atMs: visibleAtMs, sequence: this.#sequence, stampMs, apply });
  }

  /** Makes visible what has become due. */
  settle(nowMs: number): void {
    for (let next = this.#pending.peek(); next !== undefined && next.atMs <= nowMs; next = this.#pending.peek()) {
      this.#pending.pop();
      next.apply();
    }
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** The stamp of the oldest change that nobody sees yet. */
  oldestPendingMs(): number | undefined {
    const stamps = this.#pending.items().map(({ stampMs }) => stampMs);
    return stamps.length === 0 ? undefined : Math.min(...stamps);
  }

  readonly #readFormula: FormulaReader = (formula, table, position, version) =>
    evaluateFormula(formula, (path) => {
      let at = { table, position, version };
      for (const [index, name] of path.entries()) {
        if (index > MAX_PARENTS) return null;
        if (index === path.length - 1) return readField(at.table, at.position, at.version, name);
        const reference = [...at.table.fields()].find(
          (field) => field.relationshipName?.toLowerCase() === name.toLowerCase(),
        );
        const id = reference === undefined ? null : at.table.value(at.position, at.version, reference);
        const parent = typeof id === "string" ? this.locate(id) : undefined;
        if (parent === undefined) return null;
        at = { ...parent, version: parent.table.version(parent.position) };
      }
      return null;
    });

  /** With the fields the seed adds. */
  #complete(definition: ObjectDefinition): ObjectDefinition {
    const { fields, extraFields: extra } = this.seed;
    const added = [...(fields[definition.name] ?? []).map(toField), ...extraFields(extra[definition.name] ?? 0)];
    return added.length === 0 ? definition : { ...definition, fields: [...definition.fields, ...added] };
  }

  #add(definition: ObjectDefinition, seededCount: number): void {
    const { seed } = this;
    const objectSeed = this.#context.seedOf(definition.name);
    const hasBin = definition.fields.some((field) => field.name === "IsDeleted") && !definition.hardDeletes;
    const table = new Table({
      definition,
      seededCount,
      seed: objectSeed,
      times: createSeedTimes({
        seed: objectSeed,
        count: seededCount,
        untilMs: seed.untilMs,
        days: seed.days,
        deletedShare: hasBin ? seed.deletedShare : 0,
        bulkUpdates: seed.bulkUpdates.filter(({ object }) => object === definition.name),
      }),
      userId: (position) => this.userId(position),
      userCount: this.#context.count("User"),
      readFormula: this.#readFormula,
    });
    this.#tables.set(definition.name.toLowerCase(), table);
    this.#byPrefix.set(definition.keyPrefix, table);
  }
}

function readField(table: Table, position: number, version: ReturnType<Table["version"]>, name: string): Value {
  const field = table.field(name);
  return field === undefined ? null : table.value(position, version, field);
}

function toCounts(seed: CompleteOrgSeed): ReadonlyMap<string, number> {
  const counts = new Map(Object.entries({ ...SMALL_LISTS, ...seed.rows }));
  counts.set("User", Math.max(seed.users, seed.rows["User"] ?? 0, 1));
  counts.set("Account", Math.max(counts.get("Account") ?? 0, seed.personAccounts));
  if (seed.personAccounts > 0) counts.set("Contact", Math.max(counts.get("Contact") ?? 0, seed.personAccounts));
  return counts;
}

function toFiller(index: number): ObjectDefinition {
  const number = String(index + 1).padStart(4, "0");
  return defineObject({
    name: `Filler_${number}__c`,
    keyPrefix: `z${index.toString(36).padStart(2, "0")}`,
    queryable: index % 7 !== 6,
    fields: [...systemFieldNames.map((name) => systemFields[name]), defineField("Name", "string", { nameField: true })],
  });
}

/** A number that a name stands for. */
function toNumber(name: string): number {
  let number = 7;
  for (let index = 0; index < name.length; index += 1) number = (number * 31 + name.charCodeAt(index)) >>> 0;
  return number;
}
