import { defineField, type FieldDefinition, type Value } from "../org/field-definition.ts";
import type { Org } from "../org/org.ts";
import type { Row } from "../org/row.ts";
import type { Table } from "../org/table.ts";
import type { Path } from "./ast.ts";
import { noSuchColumn, noSuchRelationship, soqlError } from "./soql-error.ts";

/** What a query's caller may see. */
export interface Access {
  canReadObject(object: string): boolean;
  canReadField(object: string, field: string): boolean;
}

/** One lookup on the way to a parent; without a target where several objects can stand there. */
export interface Step {
  readonly name: string;
  readonly reference: FieldDefinition;
  readonly target: Table | undefined;
}

/** A path that was looked up: the lookups to follow, then the field. */
export interface ResolvedPath {
  readonly steps: readonly Step[];
  readonly field: FieldDefinition;
  /** With the names as they are defined, joined by dots. */
  readonly name: string;
}

const MAX_STEPS = 5;
/** What can be asked of a parent that may be one of several objects. */
const generic: ReadonlyMap<string, FieldDefinition> = new Map(
  ["Id", "Name", "Type", "FirstName", "LastName", "Email", "Phone", "Title", "Username"].map((name) => [
    name.toLowerCase(),
    defineField(name, name === "Id" ? "id" : "string"),
  ]),
);

/** Looks a path up from `table`. Throws INVALID_FIELD as Salesforce words it. */
export function resolvePath(org: Org, access: Access, table: Table, path: Path, text: string): ResolvedPath {
  const steps: Step[] = [];
  let current: Table | undefined = table;
  const names = withoutObject(table, path.names);
  if (names.length - 1 > MAX_STEPS) {
    throw soqlError(
      "INVALID_FIELD",
      text,
      path.at,
      `SOQL statements cannot have more than ${MAX_STEPS} levels of relationships`,
    );
  }
  for (const name of names.slice(0, -1)) {
    const reference: FieldDefinition | undefined = current === undefined ? undefined : findReference(current, name);
    if (current === undefined || reference === undefined || !access.canReadField(current.name, reference.name)) {
      throw noSuchRelationship(text, path.at, name);
    }
    const target: Table | undefined = findTarget(org, reference);
    if (target !== undefined && !access.canReadObject(target.name)) throw noSuchRelationship(text, path.at, name);
    steps.push({ name: reference.relationshipName ?? name, reference, target });
    current = target;
  }
  const last = names.at(-1) ?? "";
  const field = current === undefined ? generic.get(last.toLowerCase()) : current.field(last);
  if (field === undefined || (current !== undefined && !access.canReadField(current.name, field.name))) {
    throw noSuchColumn(text, path.at, last, current?.name ?? "Name");
  }
  return { steps, field, name: [...steps.map((step) => step.name), field.name].join(".") };
}

/** The row a step leads to, as it is now; undefined where the lookup is empty or its row is gone. */
export function follow(org: Org, row: Row, step: Step, nowMs: number): Row | undefined {
  const id = row.table.value(row.position, row.version, step.reference);
  const found = typeof id === "string" ? org.locate(id) : undefined;
  if (found === undefined) return undefined;
  const parent = { ...found, version: found.table.version(found.position) };
  return found.table.state(parent.position, parent.version, nowMs) === "gone" ? undefined : parent;
}

/** The value at the end of a path; null where a parent is missing. */
export function readPath(org: Org, row: Row, path: ResolvedPath, nowMs: number): Value {
  let at: Row | undefined = row;
  for (const step of path.steps) {
    at = follow(org, at, step, nowMs);
    if (at === undefined) return null;
  }
  return readOwn(at, path.field, path.steps.at(-1)?.target === undefined && path.steps.length > 0);
}

/** A field of a row; of a parent that may be several objects, by its general name. */
export function readOwn(row: Row, field: FieldDefinition, isGeneric: boolean): Value {
  if (!isGeneric) return row.table.value(row.position, row.version, field);
  if (field.name === "Type") return row.table.name;
  const own = row.table.field(field.name);
  return own === undefined ? null : row.table.value(row.position, row.version, own);
}

function findReference(table: Table, name: string): FieldDefinition | undefined {
  const wanted = name.toLowerCase();
  for (const field of table.fields()) {
    if (field.relationshipName?.toLowerCase() === wanted) return field;
  }
  return undefined;
}

/** `Contact.Name` in a query from Contact is the same as `Name`. */
function withoutObject(table: Table, names: readonly string[]): readonly string[] {
  const [first = ""] = names;
  const isObject = names.length > 1 && first.toLowerCase() === table.name.toLowerCase();
  return isObject && findReference(table, first) === undefined ? names.slice(1) : names;
}

function findTarget(org: Org, { referenceTo }: FieldDefinition): Table | undefined {
  const [only] = referenceTo;
  return referenceTo.length === 1 && only !== undefined ? org.find(only) : undefined;
}
