import type { Call } from "./call.ts";
import type { ObjectType } from "./portal/object-type.ts";
import type { StoredRecord } from "./portal/stored-record.ts";

const INLINE_PAGE_SIZE = 100;

/** The `associations` member of a record; undefined when there are none. Ids and a type name only. */
export function inlineAssociations(
  call: Call,
  type: ObjectType,
  record: StoredRecord,
  others: readonly ObjectType[],
): Record<string, unknown> | undefined {
  if (others.length === 0) return undefined;
  const associations: Record<string, unknown> = {};
  for (const other of others) {
    const targets = call.portal.links.targets(type, record, other);
    if (targets.length === 0) continue;
    const name = `${toTypeName(type)}_to_${toTypeName(other)}`;
    const results = targets.slice(0, INLINE_PAGE_SIZE).flatMap(({ id, types }) => {
      const names = types.map(({ label }) => (label === null && types.length > 1 ? `${name}_unlabeled` : name));
      const shown = call.knobs.inlineAssociations === "unique" ? names.slice(0, 1) : names;
      return shown.map((each) => ({ id: String(id), type: each }));
    });
    const next = targets[INLINE_PAGE_SIZE];
    associations[other.facts.name] =
      next === undefined ? { results } : { results, paging: { next: { after: String(next.id) } } };
  }
  return Object.keys(associations).length === 0 ? undefined : associations;
}

function toTypeName({ facts }: ObjectType): string {
  return facts.entity.toLowerCase();
}
