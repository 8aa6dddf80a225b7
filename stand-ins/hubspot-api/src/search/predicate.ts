import { ApiError, invalid } from "../api-error.ts";
import type { Call } from "../call.ts";
import type { ObjectType, ReadValue } from "../portal/object-type.ts";
import { compareText } from "../portal/search-index.ts";
import type { RecordVersion, StoredRecord } from "../portal/stored-record.ts";
import { associationPredicate } from "./association-predicate.ts";
import type { Filter } from "./search-request.ts";
import { toTime, toValueKind, type ValueKind } from "./value-kind.ts";

export type Predicate = (record: StoredRecord, version: RecordVersion) => boolean;

type Key = number | string;

type Comparison = "EQ" | "NEQ" | "LT" | "LTE" | "GT" | "GTE" | "BETWEEN";

const EPOCH_END_MS = 1000;

/** Whether the indexed version of a record passes a filter. */
export function toPredicate(call: Call, type: ObjectType, filter: Filter): Predicate {
  if (filter.property.startsWith("associations.")) return associationPredicate(call, type, filter);
  const kind = toValueKind(type, filter.property, call.knobs.idOrder);
  if (kind === "time" && call.knobs.epochFilter === "error") refuseEpoch(filter);
  const read = toKeyReader(type, filter.property, kind);
  const test = toTest(filter, kind);
  return (record, version) => test(read(record, version));
}

/** The value of a property in a form that compares; undefined when there is none. */
export function toKeyReader(
  type: ObjectType,
  property: string,
  kind: ValueKind,
): (record: StoredRecord, version: RecordVersion) => Key | undefined {
  if (property === type.facts.modifiedProperty) return (_, version) => version.modifiedAtMs;
  if (property === type.facts.createdProperty) return (record) => record.createdAtMs;
  if (kind === "id") return (record) => record.id;
  const read: ReadValue = type.reader(property) ?? (() => null);
  return (record, version) => {
    const value = read(record, version);
    return value === null || value === "" ? undefined : toKey(value, kind);
  };
}

export function compareKeys(left: Key, right: Key): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return compareText(String(left), String(right));
}

function toKey(value: string, kind: ValueKind): Key | undefined {
  if (kind === "time" || kind === "number" || kind === "id") {
    const number = kind === "time" ? toTime(value) : Number(value);
    return Number.isNaN(number) ? undefined : number;
  }
  return kind === "text" ? value.toLowerCase() : value;
}

function toTest(filter: Filter, kind: ValueKind): (key: Key | undefined) => boolean {
  const { operator } = filter;
  switch (operator) {
    case "HAS_PROPERTY":
      return (key) => key !== undefined;
    case "NOT_HAS_PROPERTY":
      return (key) => key === undefined;
    case "IN":
    case "NOT_IN": {
      // Text is indexed in lower case and these values are taken as they are.
      const wanted = new Set(filter.values.map((value) => (kind === "text" ? value : toKey(value, kind))));
      return (key) => (key !== undefined && wanted.has(key)) === (operator === "IN");
    }
    case "CONTAINS_TOKEN":
    case "NOT_CONTAINS_TOKEN": {
      const pattern = toTokenPattern(filter.value);
      return (key) => (key !== undefined && pattern.test(String(key))) === (operator === "CONTAINS_TOKEN");
    }
    case "EQ":
    case "NEQ":
    case "LT":
    case "LTE":
    case "GT":
    case "GTE":
    case "BETWEEN":
      return toComparison(filter, operator, kind);
  }
}

function toComparison(filter: Filter, operator: Comparison, kind: ValueKind): (key: Key | undefined) => boolean {
  const value = requireKey(filter, filter.value, kind);
  const high = operator === "BETWEEN" ? requireKey(filter, filter.highValue, kind) : value;
  const passes = comparisons[operator];
  // A record without a value is not equal to anything, and in no range.
  return (key) => (key === undefined ? operator === "NEQ" : passes(compareKeys(key, value), compareKeys(key, high)));
}

const comparisons: Readonly<Record<Comparison, (toValue: number, toHigh: number) => boolean>> = {
  EQ: (toValue) => toValue === 0,
  NEQ: (toValue) => toValue !== 0,
  LT: (toValue) => toValue < 0,
  LTE: (toValue) => toValue <= 0,
  GT: (toValue) => toValue > 0,
  GTE: (toValue) => toValue >= 0,
  BETWEEN: (toValue, toHigh) => toValue >= 0 && toHigh <= 0,
};

function requireKey(filter: Filter, value: string, kind: ValueKind): Key {
  const key = toKey(value, kind);
  if (key === undefined) throw invalid(`${value} is not a value of ${filter.property}`);
  return key;
}

/** Whole words without regard to case; `*` stands for any letters. */
function toTokenPattern(value: string): RegExp {
  const body = value.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", ".*");
  return new RegExp(`(^|[^\\p{L}\\p{N}])${body}($|[^\\p{L}\\p{N}])`, "iu");
}

function refuseEpoch({ value, highValue, values }: Filter): void {
  const times = [value, highValue, ...values].filter((text) => text !== "").map(toTime);
  if (times.some((timeMs) => Math.abs(timeMs) < EPOCH_END_MS)) throw new ApiError(500, "internal error");
}
