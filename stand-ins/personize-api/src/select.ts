import type { Call } from "./call.ts";
import { type ConditionGroup, type Dialect, matchesGroups } from "./condition.ts";
import type { Identifiers } from "./identity.ts";
import { hasIdentifier } from "./records.ts";
import type { StoredRecord } from "./stored-record.ts";

export interface Selection {
  readonly typeKey: string | undefined;
  readonly identifiers: Identifiers;
  readonly groups: readonly ConditionGroup[];
  readonly dialect: Dialect;
  readonly collectionIds: readonly string[];
}

/** The visible records a selection names, oldest first. One lookup when an identifier is given, else a scan. */
export function select(call: Call, selection: Selection): readonly StoredRecord[] {
  const { organization } = call;
  const { historyLimit } = call.world.knobs;
  const { typeKey, identifiers, groups, dialect, collectionIds } = selection;
  const selected: StoredRecord[] = [];
  for (const record of candidates(call, identifiers, typeKey)) {
    if (!record.isVisible() || (typeKey !== undefined && record.typeKey !== typeKey)) continue;
    if (groups.length > 0 || collectionIds.length > 0) {
      const folded = record.fold(historyLimit);
      const held = collectionIds.length === 0 || folded.cells.some((cell) => collectionIds.includes(cell.collectionId));
      if (!held) continue;
      if (!matchesGroups(groups, dialect, record, folded, organization.collections, collectionIds)) continue;
    }
    selected.push(record);
  }
  return selected;
}

function candidates(call: Call, identifiers: Identifiers, typeKey: string | undefined): Iterable<StoredRecord> {
  const { records } = call.organization;
  if (!hasIdentifier(identifiers)) return records.all();
  const record = records.find(identifiers, typeKey);
  return record === undefined ? [] : [record];
}
