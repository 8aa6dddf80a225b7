import type { LandingTask } from "./landing-task.ts";
import type { Organization } from "./organization.ts";
import type { World } from "./world.ts";

/** The store as JSON lines: what a restart has to know. Keys, plans and knobs come from the options instead. */
export function* snapshotLines(world: World): IterableIterator<string> {
  yield JSON.stringify({ kind: "world", version: 1, clockOffsetMs: world.clock.offsetMs });
  for (const organization of world.organizations) yield* organizationLines(organization, world.knobs.historyLimit);
}

function* organizationLines(organization: Organization, historyLimit: number): IterableIterator<string> {
  const organizationId = organization.id;
  yield JSON.stringify({
    kind: "organization",
    organizationId,
    credits: organization.credits,
    reservedCredits: organization.reservedCredits,
    month: organization.month,
    monthUnits: organization.monthUnits,
    minute: organization.minute.entries(),
    sequence: organization.sequence,
    totals: organization.totals,
    orphans: organization.orphans,
  });
  yield JSON.stringify({
    kind: "collections",
    organizationId,
    collections: organization.collections.list().map(({ propertiesByName: _index, ...collection }) => collection),
  });
  const furtherKeys = organization.records.namesOfFurtherKeys();
  for (const record of organization.records.all()) {
    const { aliases = [], secondary = [] } = furtherKeys.get(record) ?? {};
    yield JSON.stringify({
      kind: "record",
      organizationId,
      type: record.type,
      key: record.key,
      recordId: record.recordId,
      email: record.email,
      websiteUrl: record.websiteUrl,
      customKeys: record.customKeys,
      createdAtMs: record.createdAtMs,
      updatedAtMs: record.updatedAtMs,
      landedRows: record.landedRows,
      deletedAtMs: record.deletedAtMs,
      deletedMemories: record.deletedMemories === undefined ? undefined : [...record.deletedMemories],
      folded: record.fold(historyLimit),
      aliases,
      secondary,
    });
  }
  for (const event of organization.events.values()) yield JSON.stringify({ kind: "event", organizationId, event });
  for (const task of organization.tasks.items())
    yield JSON.stringify({ kind: "task", organizationId, ...toTask(task) });
}

function toTask({ atMs, sequence, event, action, passed, parts }: LandingTask) {
  return { atMs, sequence, eventId: event.eventId, action, passed, parts };
}
