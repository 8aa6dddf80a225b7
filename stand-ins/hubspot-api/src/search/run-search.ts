import type { Call } from "../call.ts";
import type { ObjectType } from "../portal/object-type.ts";
import { findPosition } from "../portal/sorted-view.ts";
import { type RecordVersion, type StoredRecord, toRank } from "../portal/stored-record.ts";
import { compareKeys, type Predicate, toKeyReader, toPredicate } from "./predicate.ts";
import type { Filter, SearchRequest } from "./search-request.ts";
import { toTime, toValueKind } from "./value-kind.ts";

interface Remembered {
  readonly key: string;
  readonly matches: readonly StoredRecord[];
}

/** The latest result of each type: pages of one search are cut from the same list while nothing changes. */
const remembered = new WeakMap<ObjectType, Remembered>();

/** All indexed records that match, in order. */
export function runSearch(call: Call, type: ObjectType, search: SearchRequest): readonly StoredRecord[] {
  const { tieOrder, idOrder } = call.knobs;
  type.index.scrambleTies(tieOrder !== "id");
  const stable = tieOrder !== "unstable" && !usesAssociations(search);
  const key = stable ? JSON.stringify([type.index.version, idOrder, search.groups, search.sort, search.query]) : "";
  const before = remembered.get(type);
  if (stable && before?.key === key) return before.matches;
  const matches = findMatches(call, type, search);
  if (stable) remembered.set(type, { key, matches });
  return matches;
}

function findMatches(call: Call, type: ObjectType, search: SearchRequest): readonly StoredRecord[] {
  const matches = toMatcher(call, type, search);
  const property = search.sort?.property ?? type.facts.createdProperty;
  const descending = search.sort?.descending ?? false;
  const sortsByTime = property === type.facts.modifiedProperty;
  const salt = call.knobs.tieOrder === "unstable" ? 1 + Math.floor(call.world.random() * 1_000_000) : 0;
  const [lowMs, highMs] = toModifiedRange(type, search);

  const byTime = type.index.ordered("modified");
  const first = findPosition(byTime, (record) => toModified(record) < lowMs);
  const last = findPosition(byTime, (record) => toModified(record) <= highMs);
  const isNarrow = last - first < byTime.length / 4;
  if (salt === 0 && sortsByTime) {
    const found = byTime.slice(first, last).filter(matches);
    return descending ? found.toReversed() : found;
  }
  const candidates = isNarrow ? byTime.slice(first, last) : undefined;
  if (candidates === undefined && salt === 0) {
    const order = toIndexOrder(call, type, property);
    if (order !== undefined) {
      const found = type.index.ordered(order).filter(matches);
      return descending ? found.toReversed() : found;
    }
  }
  return sortBy(call, type, property, descending, salt, (candidates ?? byTime).filter(matches));
}

function toIndexOrder(call: Call, type: ObjectType, property: string): "created" | "id" | "id-text" | undefined {
  if (property === "hs_object_id") return call.knobs.idOrder === "numeric" ? "id" : "id-text";
  return property === type.facts.createdProperty ? "created" : undefined;
}

function sortBy(
  call: Call,
  type: ObjectType,
  property: string,
  descending: boolean,
  salt: number,
  records: readonly StoredRecord[],
): readonly StoredRecord[] {
  const read = toKeyReader(type, property, toValueKind(type, property, call.knobs.idOrder));
  const byId = call.knobs.tieOrder === "id";
  const toPlace = (record: StoredRecord) => (salt > 0 ? toRank(record.id, salt) : record.rank);
  const keyed = records.map((record) => ({
    record,
    key: read(record, indexedOf(record)),
    rank: byId ? record.id : toPlace(record),
  }));
  const sign = descending ? -1 : 1;
  // Records without a value come last, whatever the direction.
  keyed.sort((left, right) => {
    if (left.key === undefined || right.key === undefined) {
      return Number(left.key === undefined) - Number(right.key === undefined) || left.rank - right.rank;
    }
    return sign * compareKeys(left.key, right.key) || left.rank - right.rank;
  });
  return keyed.map(({ record }) => record);
}

function toMatcher(call: Call, type: ObjectType, search: SearchRequest): (record: StoredRecord) => boolean {
  const groups = search.groups.map((filters) => filters.map((filter) => toPredicate(call, type, filter)));
  const asked = toQueryPredicate(type, search.query);
  return (record) => {
    const version = indexedOf(record);
    if (asked !== undefined && !asked(record, version)) return false;
    return groups.length === 0 || groups.some((filters) => filters.every((passes) => passes(record, version)));
  };
}

function toQueryPredicate(type: ObjectType, query: string): Predicate | undefined {
  if (query === "") return undefined;
  const wanted = query.toLowerCase();
  const readers = type.facts.searchableProperties.flatMap((name) => type.reader(name) ?? []);
  return (record, version) => readers.some((read) => read(record, version)?.toLowerCase().includes(wanted) ?? false);
}

/** Bounds that every match keeps; unbounded unless there is exactly one group. */
function toModifiedRange(type: ObjectType, { groups }: SearchRequest): readonly [number, number] {
  const [only, more] = groups;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  if (only === undefined || more !== undefined) return [low, high];
  for (const filter of only) {
    if (filter.property !== type.facts.modifiedProperty) continue;
    const [from, to] = toBounds(filter);
    low = Math.max(low, from);
    high = Math.min(high, to);
  }
  return [low, high];
}

function toBounds({ operator, value, highValue }: Filter): readonly [number, number] {
  const timeMs = toTime(value);
  if (operator === "EQ") return [timeMs, timeMs];
  if (operator === "GT" || operator === "GTE") return [timeMs, Number.POSITIVE_INFINITY];
  if (operator === "LT" || operator === "LTE") return [Number.NEGATIVE_INFINITY, timeMs];
  if (operator === "BETWEEN") return [timeMs, toTime(highValue)];
  return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

function usesAssociations({ groups }: SearchRequest): boolean {
  return groups.flat().some(({ property }) => property.startsWith("associations."));
}

function toModified(record: StoredRecord): number {
  return indexedOf(record).modifiedAtMs;
}

function indexedOf(record: StoredRecord): RecordVersion {
  return record.indexed ?? record.current;
}
