import { type Json, TransientError } from "@acme/sync-core";
import type { HubspotClient } from "./hubspot-client.ts";
import { findStandard, type ObjectType } from "./object-types.ts";
import { callLimits } from "./paths.ts";
import { associationsAnswer } from "./responses.ts";

/** The associations of one record with objects of one type. */
export interface Links {
  /** Ids of the other side, each once, ascending. */
  readonly ids: readonly string[];
  /** The labels of each, sorted: `Primary` and those of the account's own. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** What a record without associations has: links that were removed must not stay. */
export const NO_LINKS: Links = { ids: [], labels: {} };

const FIELD = /^associations\.(.+?)(\.labels)?$/;

/** The field names that one associated object makes. */
export function associationFields(object: string): readonly [string, string] {
  return [`associations.${object}`, `associations.${object}.labels`];
}

/** What a field name asks for; null: it is a property. */
export function parseAssociationField(field: string): { readonly object: string; readonly isLabels: boolean } | null {
  const match = FIELD.exec(field);
  return match?.[1] === undefined ? null : { object: match[1], isLabels: match[2] !== undefined };
}

export function toLinksValue(links: Links, isLabels: boolean): Json {
  return isLabels ? links.labels : links.ids;
}

/**
 * Reads the associations of records with one type of object: one call for a thousand records, and more for those with many.
 * Records without any are absent from HubSpot's answer, which is told apart from an answer that failed.
 */
export async function readLinks(
  client: HubspotClient,
  from: ObjectType,
  to: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Links>> {
  const collected = new Map<string, Map<string, Set<string>>>();
  let inputs: { readonly id: string; readonly after?: string }[] = ids.map((id) => ({ id }));
  while (inputs.length > 0) {
    const now = inputs.slice(0, callLimits.associationIds);
    const rest = inputs.slice(callLimits.associationIds);
    const doing = `reading associations of ${from.name} with ${to}`;
    const answer = await client.call(
      {
        method: "POST",
        path: client.paths.associations(from.path, findStandard(to)?.path ?? to),
        body: { inputs: now },
        lane: "associations",
        doing,
      },
      associationsAnswer,
      signal,
    );
    for (const error of answer.errors ?? []) {
      if (error.category !== "OBJECT_NOT_FOUND" && error.subCategory?.startsWith("crm.associations.") !== true) {
        throw new TransientError(`${doing}: HubSpot could not read some (${error.category ?? "no category"})`, {
          hint: "It passes by itself. Reading goes on from the last page.",
        });
      }
    }
    const more: { readonly id: string; readonly after: string }[] = [];
    for (const result of answer.results) {
      const targets = collected.get(result.from.id) ?? new Map<string, Set<string>>();
      collected.set(result.from.id, targets);
      for (const { toObjectId, associationTypes } of result.to) {
        const labels = targets.get(toObjectId) ?? new Set<string>();
        targets.set(toObjectId, labels);
        for (const { label } of associationTypes ?? []) if (label != null && label !== "") labels.add(label);
      }
      if (result.paging !== null) more.push({ id: result.from.id, after: result.paging });
    }
    inputs = [...rest, ...more];
  }
  return new Map([...collected].map(([id, targets]) => [id, toLinks(targets)]));
}

function toLinks(targets: ReadonlyMap<string, ReadonlySet<string>>): Links {
  const ids = [...targets.keys()].toSorted((left, right) => left.length - right.length || (left < right ? -1 : 1));
  return {
    ids,
    labels: Object.fromEntries(ids.map((id) => [id, [...(targets.get(id) ?? [])].toSorted()])),
  };
}
