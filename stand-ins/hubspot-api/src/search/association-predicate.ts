import { invalid } from "../api-error.ts";
import { type Call, findType } from "../call.ts";
import type { ObjectType } from "../portal/object-type.ts";
import type { StoredRecord } from "../portal/stored-record.ts";
import type { Filter } from "./search-request.ts";

/** `associations.{type}` with EQ or IN. Standard types only; association changes are searchable at once. */
export function associationPredicate(call: Call, type: ObjectType, filter: Filter): (record: StoredRecord) => boolean {
  const other = findType(call, filter.property.slice("associations.".length));
  if (other.facts.custom) throw invalid(`${filter.property} cannot be searched`);
  if (filter.operator !== "EQ" && filter.operator !== "IN") {
    throw invalid(`${filter.operator} cannot be used on ${filter.property}`);
  }
  const ids = filter.operator === "EQ" ? [filter.value] : filter.values;
  const matching = new Set(
    ids.flatMap((id) => {
      const target = other.records.get(Number(id));
      return target === undefined ? [] : call.portal.links.targets(other, target, type).map((link) => link.id);
    }),
  );
  return (record) => matching.has(record.id);
}
