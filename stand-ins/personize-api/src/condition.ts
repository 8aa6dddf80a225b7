import { type Fields, isFields, listField, objectField, textField } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import type { Collections } from "./collections.ts";
import type { FoldedRecord } from "./folded-record.ts";
import { toNamedKeys } from "./records.ts";
import type { StoredRecord } from "./stored-record.ts";

/** The operator dialects; a word of another dialect is refused with INVALID_CONDITION, never guessed at. */
export type Dialect = "search" | "retrieve" | "filter-by-property";

export interface Condition {
  readonly property: string;
  readonly operator: string;
  readonly value: unknown;
}

/** Conditions joined by `logic`; groups are ORed. */
export interface ConditionGroup {
  readonly logic: "AND" | "OR";
  readonly conditions: readonly Condition[];
}

type Test = (actual: unknown, expected: unknown) => boolean;

const isSet: Test = (actual) => !isEmpty(actual);
const isNotSet: Test = (actual) => isEmpty(actual);
const equals: Test = (actual, expected) => toItems(actual).some((item) => isSame(item, expected));
const contains: Test = (actual, expected) =>
  Array.isArray(actual)
    ? actual.some((item) => isSame(item, expected))
    : !isEmpty(actual) && toText(actual).toLowerCase().includes(toText(expected).toLowerCase());
const isIn: Test = (actual, expected) => toItems(expected).some((item) => equals(actual, item));
const between: Test = (actual, expected) =>
  Array.isArray(expected) &&
  ordered(actual, expected[0], (sign) => sign >= 0) &&
  ordered(actual, expected[1], (sign) => sign <= 0);

const searchTests: Readonly<Record<string, Test>> = {
  EQ: equals,
  EQUALS: equals,
  NEQ: (actual, expected) => !equals(actual, expected),
  NOT_EQUALS: (actual, expected) => !equals(actual, expected),
  CONTAINS: contains,
  NOT_CONTAINS: (actual, expected) => !contains(actual, expected),
  STARTS_WITH: (actual, expected) =>
    !isEmpty(actual) && toText(actual).toLowerCase().startsWith(toText(expected).toLowerCase()),
  GT: (actual, expected) => ordered(actual, expected, (sign) => sign > 0),
  GTE: (actual, expected) => ordered(actual, expected, (sign) => sign >= 0),
  LT: (actual, expected) => ordered(actual, expected, (sign) => sign < 0),
  LTE: (actual, expected) => ordered(actual, expected, (sign) => sign <= 0),
  IS_SET: isSet,
  IS_NOT_SET: isNotSet,
  IN: isIn,
};

const dialects: Readonly<Record<Dialect, Readonly<Record<string, Test>>>> = {
  search: searchTests,
  retrieve: {
    ...searchTests,
    ENDS_WITH: (actual, expected) =>
      !isEmpty(actual) && toText(actual).toLowerCase().endsWith(toText(expected).toLowerCase()),
    BETWEEN: between,
    NOT_BETWEEN: (actual, expected) => !between(actual, expected),
    NOT_IN: (actual, expected) => !isIn(actual, expected),
    IS_EMPTY: isNotSet,
    EXISTS: isSet,
    NOT_EXISTS: isNotSet,
  },
  "filter-by-property": {
    equals,
    notEquals: (actual, expected) => !equals(actual, expected),
    contains,
    gt: (actual, expected) => ordered(actual, expected, (sign) => sign > 0),
    lt: (actual, expected) => ordered(actual, expected, (sign) => sign < 0),
    gte: (actual, expected) => ordered(actual, expected, (sign) => sign >= 0),
    lte: (actual, expected) => ordered(actual, expected, (sign) => sign <= 0),
    exists: isSet,
    isEmpty: isNotSet,
  },
};

/** The groups of a body. Throws ApiError INVALID_CONDITION for a condition that names no property or a foreign operator. */
export function toGroups(body: Fields, dialect: Dialect): readonly ConditionGroup[] {
  const wrapped = objectField(body, "groups");
  const groups = wrapped === undefined ? listField(body, "groups") : [wrapped];
  return groups.map((group) => {
    if (!isFields(group)) throw new ApiError(400, "INVALID_CONDITION", "A group must be an object");
    return {
      logic: textField(group, "logic")?.toUpperCase() === "OR" ? "OR" : "AND",
      conditions: listField(group, "conditions").map((condition) => toCondition(condition, dialect)),
    };
  });
}

export function toCondition(condition: unknown, dialect: Dialect): Condition {
  const property = isFields(condition) ? textField(condition, "property", "field", "propertyName") : undefined;
  if (!isFields(condition) || property === undefined) {
    throw new ApiError(400, "INVALID_CONDITION", "A condition needs property and operator");
  }
  const operator = textField(condition, "operator") ?? (dialect === "filter-by-property" ? "equals" : "EQ");
  if (!Object.hasOwn(dialects[dialect], operator)) {
    throw new ApiError(400, "INVALID_CONDITION", `Unknown operator ${operator}`, {
      details: [{ field: property, message: `use one of ${Object.keys(dialects[dialect]).join(", ")}` }],
    });
  }
  return { property, operator, value: condition["value"] };
}

/** Whether a record satisfies any of `groups`; no groups means yes. */
export function matchesGroups(
  groups: readonly ConditionGroup[],
  dialect: Dialect,
  record: StoredRecord,
  folded: FoldedRecord,
  collections: Collections,
  collectionIds: readonly string[],
): boolean {
  if (groups.length === 0) return true;
  return groups.some(({ logic, conditions }) => {
    const holds = (condition: Condition) => {
      const test = dialects[dialect][condition.operator];
      const actual = readProperty(condition.property, record, folded, collections, collectionIds);
      return test?.(actual, condition.value) ?? false;
    };
    return logic === "OR" ? conditions.some(holds) : conditions.every(holds);
  });
}

/** A property by system or display name, in known collections only; keys of the record come second. */
function readProperty(
  property: string,
  record: StoredRecord,
  folded: FoldedRecord,
  collections: Collections,
  collectionIds: readonly string[],
): unknown {
  for (const cell of folded.cells) {
    if (collectionIds.length > 0 && !collectionIds.includes(cell.collectionId)) continue;
    const definition = collections.byId(cell.collectionId)?.propertiesByName.get(property);
    if (definition?.systemName === cell.property) return cell.value;
  }
  return toNamedKeys(record)[property === "website" || property === "website_url" ? "websiteUrl" : property];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

function toItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isSame(actual: unknown, expected: unknown): boolean {
  if (isEmpty(actual) || isEmpty(expected)) return isEmpty(actual) && isEmpty(expected);
  return toText(actual) === toText(expected);
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : (JSON.stringify(value) ?? "");
}

/** Compares as numbers when both are, else as times when both are, else as texts. Unset values satisfy nothing. */
function ordered(actual: unknown, expected: unknown, accepts: (sign: number) => boolean): boolean {
  if (isEmpty(actual) || isEmpty(expected)) return false;
  const numbers = [Number(actual), Number(expected)] as const;
  if (numbers.every((number) => Number.isFinite(number))) return accepts(numbers[0] - numbers[1]);
  const times = [Date.parse(toText(actual)), Date.parse(toText(expected))] as const;
  if (times.every((time) => Number.isFinite(time))) return accepts(times[0] - times[1]);
  const [left, right] = [toText(actual), toText(expected)];
  if (left === right) return accepts(0);
  return accepts(left < right ? -1 : 1);
}
