import type { FieldDefinition, Value } from "../org/field-definition.ts";
import type { Org } from "../org/org.ts";
import type { Row } from "../org/row.ts";
import type { Table } from "../org/table.ts";
import type { Condition, Operator } from "./ast.ts";
import { type Operand, toOperand } from "./literals.ts";
import { type Access, readPath, resolvePath } from "./resolve-path.ts";
import { soqlError } from "./soql-error.ts";

export type Filter = (row: Row) => boolean;

export interface FilterContext {
  readonly org: Org;
  readonly access: Access;
  readonly table: Table;
  readonly text: string;
  readonly nowMs: number;
}

/** What a condition asks of a row. Throws INVALID_FIELD for a field that is unknown or cannot be filtered. */
export function compileFilter(condition: Condition, context: FilterContext): Filter {
  switch (condition.kind) {
    case "and": {
      const filters = condition.conditions.map((inner) => compileFilter(inner, context));
      return (row) => filters.every((filter) => filter(row));
    }
    case "or": {
      const filters = condition.conditions.map((inner) => compileFilter(inner, context));
      return (row) => filters.some((filter) => filter(row));
    }
    case "not": {
      const filter = compileFilter(condition.condition, context);
      return (row) => !filter(row);
    }
    case "comparison": {
      const { org, access, table, text, nowMs } = context;
      const path = resolvePath(org, access, table, condition.path, text);
      const { field } = path;
      if (!field.filterable) {
        throw soqlError(
          "INVALID_FIELD",
          text,
          condition.path.at,
          `field '${field.name}' can not be filtered in a query call`,
        );
      }
      const operands = condition.literals.map((literal) => toOperand(literal, field, text, nowMs));
      const test = compileTest(condition.operator, operands, field);
      return (row) => test(readPath(org, row, path, nowMs));
    }
  }
}

function compileTest(
  operator: Operator,
  operands: readonly Operand[],
  field: FieldDefinition,
): (value: Value) => boolean {
  const [operand = { value: null }] = operands;
  const isOneOf = toMembership(operands, field);
  switch (operator) {
    case "=":
      return (value) => matches(value, operand, field);
    case "!=":
      return (value) => !matches(value, operand, field);
    case "IN":
      return isOneOf;
    case "NOT IN":
      return (value) => !isOneOf(value);
    case "LIKE": {
      const pattern = toPattern("value" in operand && typeof operand.value === "string" ? operand.value : "");
      return (value) => typeof value === "string" && pattern.test(value);
    }
    case "INCLUDES":
    case "EXCLUDES": {
      const wanted = operands.map((each) => ("value" in each ? String(each.value).toLowerCase().split(";") : []));
      const includes = (value: Value) => {
        const held = typeof value === "string" ? value.toLowerCase().split(";") : [];
        return wanted.some((all) => all.every((one) => held.includes(one)));
      };
      return operator === "INCLUDES" ? includes : (value) => !includes(value);
    }
    case "<":
      return (value) => below(value, start(operand), field);
    case ">=":
      return (value) => value !== null && start(operand) !== null && !below(value, start(operand), field);
    case ">":
      return (value) =>
        "before" in operand
          ? value !== null && !below(value, operand.before, field)
          : below(operand.value, value, field);
    case "<=":
      return (value) =>
        "before" in operand
          ? below(value, operand.before, field)
          : value !== null && operand.value !== null && !below(operand.value, value, field);
  }
}

/** Ids are looked up in a set, since a list of them may be long. */
function toMembership(operands: readonly Operand[], field: FieldDefinition): (value: Value) => boolean {
  if (field.type !== "id" && field.type !== "reference") {
    return (value) => operands.some((each) => matches(value, each, field));
  }
  const ids = new Set(operands.map((each) => ("value" in each ? each.value : null)));
  return (value) => ids.has(value);
}

function start(operand: Operand): Value {
  return "before" in operand ? operand.from : operand.value;
}

function matches(value: Value, operand: Operand, field: FieldDefinition): boolean {
  if ("before" in operand) {
    return value !== null && !below(value, operand.from, field) && below(value, operand.before, field);
  }
  return compareValues(value, operand.value, field) === 0;
}

/** Nothing is below null, and null is below nothing. */
function below(left: Value, right: Value, field: FieldDefinition): boolean {
  return left !== null && right !== null && compareValues(left, right, field) < 0;
}

/** Order of two values of a field: null first, texts without regard to case, ids by their characters. */
export function compareValues(left: Value, right: Value, field: FieldDefinition): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  switch (field.type) {
    case "id":
    case "reference":
      return compare(String(left), String(right));
    case "boolean":
      return Number(left) - Number(right);
    case "int":
    case "double":
    case "currency":
    case "percent":
    case "datetime":
      return compare(Number(left), Number(right));
    case "string":
    case "textarea":
    case "picklist":
    case "multipicklist":
    case "date":
    case "time":
    case "email":
    case "phone":
    case "url":
    case "base64":
    case "address":
    case "location":
    case "encryptedstring":
      return compare(String(left).toLowerCase(), String(right).toLowerCase());
  }
}

function compare<T extends string | number>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** `%` is any run of characters, `_` one; a backslash before either makes it a character like others. */
function toPattern(like: string): RegExp {
  const source = like.replace(
    /\\([%_])|([%_])|([$()*+.?[\\\]^{|}])/g,
    (_, escaped?: string, wild?: string, special?: string) => {
      if (escaped !== undefined) return escaped;
      if (wild !== undefined) return wild === "%" ? "[^]*" : "[^]";
      return `\\${special ?? ""}`;
    },
  );
  return new RegExp(`^${source}$`, "i");
}
