import type { HubspotRecord } from "./responses.ts";

/** Ids, separated by semicolons. On every object. */
export const MERGED_IDS = "hs_merged_object_ids";
/** `id:milliseconds` pairs, separated by semicolons. On contacts; may lack ids that the former has. */
export const MERGED_VIDS = "hs_calculated_merged_vids";

export interface MergedAway {
  readonly id: string;
  /** When it was merged; null: not said. */
  readonly atMs: number | null;
}

/** The records that were merged into this one: the union of both properties, without the record itself. */
export function mergedAway(record: Pick<HubspotRecord, "id" | "properties">): readonly MergedAway[] {
  const found = new Map<string, number | null>();
  for (const id of split(record.properties[MERGED_IDS])) if (/^\d+$/.test(id)) found.set(id, null);
  for (const pair of split(record.properties[MERGED_VIDS])) {
    const [id = "", at = ""] = pair.split(":");
    if (/^\d+$/.test(id)) found.set(id, /^\d+$/.test(at) ? Number(at) : null);
  }
  found.delete(record.id);
  return [...found].map(([id, atMs]) => ({ id, atMs }));
}

function split(value: string | null | undefined): string[] {
  return (value ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
