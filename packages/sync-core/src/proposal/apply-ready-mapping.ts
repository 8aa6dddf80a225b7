import type { Collection } from "../contracts/destination.ts";
import type { Stream } from "../contracts/source.ts";
import type { ReadyMapping, ReadyProperty } from "../contracts/starter.ts";
import { findProperty } from "./find-property.ts";
import type { ProposedProperties } from "./propose-properties.ts";
import type { ProposedProperty } from "./proposal.ts";

/**
 * A ready mapping as far as this source and this organisation can have it. A property that the organisation lacks, and one whose
 * field the stream does not have, is left out and said so. Pure.
 * @param stream null: the source was not asked. @param collections null: the organisation was not asked.
 */
export function applyReadyMapping(
  ready: ReadyMapping,
  stream: Stream | null,
  collections: readonly Collection[] | null,
): ProposedProperties {
  const fields = stream === null ? null : new Set(stream.fields.map(({ name }) => name));
  const properties: ProposedProperty[] = [];
  const leftOut: string[] = [];
  for (const entry of ready.properties) {
    if (fields !== null && !fields.has(entry.sourceField)) {
      leftOut.push(`${entry.property}: the source has no field ${entry.sourceField}`);
      continue;
    }
    const collectionName = entry.collectionName ?? ready.collectionName;
    if (collections === null) {
      properties.push(toProposed(entry, entry.property, { collectionName }));
      continue;
    }
    const found = findProperty([entry.property], ready.entityType, collections, collectionName);
    if (found === null) leftOut.push(`${entry.property}: no collection of ${ready.entityType} has it`);
    else if (found.appendOnly) leftOut.push(`${entry.property}: the property only grows, every repeat would add to it`);
    else properties.push(toProposed(entry, found.property, found.reference));
  }
  return { properties, leftOut };
}

function toProposed(
  entry: ReadyProperty,
  property: string,
  collection: ProposedProperty["collection"],
): ProposedProperty {
  const { sourceField, reason } = entry;
  return { property, sourceField, collection, extractMemories: entry.extractMemories ?? false, reason };
}
