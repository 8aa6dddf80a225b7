import { DAY_MS, hash } from "@acme/stand-in-kit";
import type { ObjectType } from "./object-type.ts";
import { Portal } from "./portal.ts";
import type { CompletePortalSeed } from "./portal-seed.ts";
import { standardTypeNames } from "./standard-types.ts";
import { noValues, type StoredRecord, toRank } from "./stored-record.ts";

const MAX_ARCHIVED_AGE_DAYS = 60;

/** A portal as its seed describes it, everything searchable; merges are left to the caller. */
export function createPortal(seed: CompletePortalSeed): Portal {
  const createdAtMs = seed.untilMs - seed.days * DAY_MS;
  const portal = new Portal({
    portalId: seed.portalId,
    seed: seed.seed,
    ownerCount: seed.owners,
    createdAtMs,
    fullSchemas: seed.fullSchemas,
  });
  for (const name of standardTypeNames) {
    const bulk = seed.bulkUpdates.filter((update) => update.type === name);
    addRecords(portal, portal.type(name), seed[name], seed, (index) => bulk.find(({ count }) => index < count)?.atMs);
  }
  for (const custom of seed.customObjects) {
    const type = portal.defineCustomType(custom, createdAtMs);
    addRecords(portal, type, custom.records ?? 0, seed, () => undefined);
  }
  return portal;
}

function addRecords(
  portal: Portal,
  type: ObjectType,
  count: number,
  seed: CompletePortalSeed,
  bulkAtMs: (index: number) => number | undefined,
): void {
  const spanMs = seed.days * DAY_MS;
  const salt = Number(type.facts.typeId.slice(2));
  const share = (index: number, what: number) => hash(seed.seed + salt, index, what) / 4_294_967_296;
  for (let index = 0; index < count; index += 1) {
    // Records come in order of creation; their ids do not.
    const createdAtMs = Math.floor(seed.untilMs - spanMs + (spanMs * (index + share(index, 91))) / count);
    const usualModifiedAtMs = Math.floor(createdAtMs + (seed.untilMs - createdAtMs) * share(index, 92) ** 2);
    const modifiedAtMs = bulkAtMs(index) ?? usualModifiedAtMs;
    const archived = share(index, 93) < seed.archivedShare;
    const id = type.ids.allocate();
    const record: StoredRecord = {
      id,
      rank: toRank(id),
      createdAtMs,
      seedIndex: index,
      current: {
        state: archived ? "archived" : "live",
        modifiedAtMs,
        archivedAtMs: archived
          ? Math.floor(seed.untilMs - share(index, 94) * MAX_ARCHIVED_AGE_DAYS * DAY_MS)
          : undefined,
        values: noValues,
        sequence: portal.nextSequence(),
        previous: undefined,
        sourceType: "IMPORT",
      },
      indexed: undefined,
    };
    type.records.add(record);
    type.index.schedule(record, 0, 0);
  }
}
