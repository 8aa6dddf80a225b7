import type { ObjectType } from "./object-type.ts";
import type { StoredRecord } from "./stored-record.ts";

const NONE = 9;
const HUB = 4;

/** Which seeded records belong together, computed and never stored. `labelled` marks the links that carry the user's label. */
export interface SeededLink {
  readonly record: StoredRecord;
  readonly labelled: boolean;
}

/**
 * Many to one: each record of the first type belongs to one of the second. A tenth belongs to none, another tenth to the
 * very first, which thereby has more than a page of associations.
 */
const manyToOne: ReadonlySet<string> = new Set([
  "contacts>companies",
  "deals>companies",
  "deals>contacts",
  "tickets>contacts",
  "tickets>companies",
  "notes>contacts",
  "notes>deals",
  "calls>contacts",
  "emails>contacts",
  "meetings>contacts",
  "tasks>contacts",
  "line_items>deals",
  "leads>contacts",
]);

/** Seeded links of one record towards `to`; empty for a record that was not seeded. */
export function seededLinks(from: ObjectType, record: StoredRecord, to: ObjectType): readonly SeededLink[] {
  if (record.seedIndex < 0) return [];
  if (isManyToOne(from, to)) return forward(record.seedIndex, to);
  if (isManyToOne(to, from)) return backward(record.seedIndex, from, to);
  return [];
}

function isManyToOne(from: ObjectType, to: ObjectType): boolean {
  return manyToOne.has(`${from.facts.name}>${to.facts.name}`) || (from.facts.custom && to.facts.name === "contacts");
}

function forward(index: number, to: ObjectType): readonly SeededLink[] {
  const targets = to.records.seeded();
  if (targets.length === 0 || index % 10 === NONE) return [];
  const record = targets[index % 10 === HUB ? 0 : index % targets.length];
  return record === undefined ? [] : [{ record, labelled: index % 7 === 0 }];
}

function backward(index: number, one: ObjectType, many: ObjectType): readonly SeededLink[] {
  const links: SeededLink[] = [];
  const candidates = many.records.seeded();
  const distance = one.records.seeded().length;
  const add = (position: number) => {
    const record = candidates[position];
    if (record !== undefined) links.push({ record, labelled: position % 7 === 0 });
  };
  for (let position = index; position < candidates.length; position += distance) {
    if (position % 10 !== NONE && position % 10 !== HUB) add(position);
  }
  if (index === 0) for (let position = HUB; position < candidates.length; position += 10) add(position);
  return links;
}
