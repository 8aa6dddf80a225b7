import { createSteering, selectRequests } from "@acme/stand-in-kit";
import { toPhase } from "./api-event.ts";
import type { Control, Counts, RecordQuery, RecordView } from "./control.ts";
import { pickKnobs } from "./knobs.ts";
import { settleAll } from "./landing.ts";
import { readMonthUnits, toMonth } from "./limiter.ts";
import type { Organization } from "./organization.ts";
import { toPlan } from "./plans.ts";
import { toRecordView } from "./record-view.ts";
import { findOrganization, indexKeys, populate, settleWorld, type World } from "./world.ts";

/** The control of one server. `save` writes its store file. */
export function createControl(world: World, save: () => void): Control {
  const organizationOf = (organizationId?: string) => findOrganization(world, organizationId);

  function* eachRecord(query: RecordQuery = {}): IterableIterator<RecordView> {
    settleWorld(world);
    const typeKey = query.type?.trim().toLowerCase();
    const organizations =
      query.organizationId === undefined ? world.organizations : [organizationOf(query.organizationId)];
    let position = -1;
    const first = query.offset ?? 0;
    const last = first + (query.limit ?? Number.POSITIVE_INFINITY);
    for (const organization of organizations) {
      for (const record of organization.records.all()) {
        if (typeKey !== undefined && record.typeKey !== typeKey) continue;
        if (query.includeDeleted !== true && !record.isVisible()) continue;
        position += 1;
        if (position < first) continue;
        if (position >= last) return;
        yield toRecordView(organization, record, world.knobs.historyLimit);
      }
    }
  }

  const steering = createSteering(world, pickKnobs);
  return {
    ...steering,
    requests: (query) => selectRequests(world.requestLog.list(world.knobs.requestLogSize), query ?? {}),
    records: (query) => [...eachRecord(query)],
    eachRecord,
    record(lookup) {
      settleWorld(world);
      const organization = organizationOf(lookup.organizationId);
      const record = organization.records.find(lookup, lookup.type?.trim().toLowerCase());
      return record === undefined ? undefined : toRecordView(organization, record, world.knobs.historyLimit);
    },
    events(organizationId) {
      settleWorld(world);
      const nowMs = world.clock.now();
      const organization = organizationOf(organizationId);
      return [...organization.events.values()].map((event) => ({
        eventId: event.eventId,
        organizationId: organization.id,
        type: event.type,
        phase: toPhase(event, nowMs),
        createdAtMs: event.createdAtMs,
        finishedAtMs: event.finishedAtMs,
        rowCount: event.rowCount,
        failedCount: event.failures.length,
      }));
    },
    counts() {
      settleWorld(world);
      return toCounts(world);
    },
    peakUnitsInWindow: (windowMs = 60_000, organizationId) => organizationOf(organizationId).history.peak(windowMs),
    usage(organizationId) {
      const organization = organizationOf(organizationId);
      const nowMs = world.clock.now();
      return {
        minuteUnits: organization.minute.used(nowMs, world.knobs.minuteWindowMs, world.knobs.minuteWindow),
        minuteLimit: organization.plan.perMinute,
        monthUnits: readMonthUnits(organization, nowMs),
        month: organization.month,
        monthLimit: organization.plan.perMonth,
        credits: organization.credits,
        inFlight: organization.inFlight,
      };
    },
    setUsage({ monthUnits, minuteUnits }, organizationId) {
      const organization = organizationOf(organizationId);
      const nowMs = world.clock.now();
      if (monthUnits !== undefined) {
        organization.month = toMonth(nowMs);
        organization.monthUnits = monthUnits;
      }
      if (minuteUnits !== undefined) {
        organization.minute.clear();
        organization.minute.add(nowMs, minuteUnits);
      }
      world.changed = true;
    },
    setCredits(credits, organizationId) {
      organizationOf(organizationId).credits = credits;
      world.changed = true;
    },
    setPlan(plan, organizationId) {
      organizationOf(organizationId).plan = toPlan(plan);
    },
    addKey(key, organizationId) {
      organizationOf(organizationId).keys.add(key);
      indexKeys(world);
    },
    revokeKey(key) {
      for (const organization of world.organizations) organization.keys.delete(key);
      indexKeys(world);
    },
    setClockOffset(offsetMs) {
      steering.setClockOffset(offsetMs);
      world.changed = true;
    },
    advanceClock(durationMs) {
      steering.advanceClock(durationMs);
      world.changed = true;
    },
    settleAll() {
      for (const organization of world.organizations) settleAll(organization, world, world.clock.now());
      world.changed = true;
    },
    failRows: (rule) => world.rowFailures.add(rule),
    clearRowFailures: () => world.rowFailures.clear(),
    reset() {
      world.faults.clear();
      world.rowFailures.clear();
      world.requestLog.clear();
      world.clock.setOffset(0);
      world.knobs = { ...world.startKnobs };
      populate(world);
      world.changed = true;
    },
    save,
  };
}

function toCounts(world: World): Counts {
  const { organizations, requestLog } = world;
  const sum = (read: (organization: Organization) => number) =>
    organizations.reduce((total, organization) => total + read(organization), 0);
  const countRecords = (visible: boolean) =>
    sum((organization) => {
      let count = 0;
      for (const record of organization.records.all()) if (record.isVisible() === visible) count += 1;
      return count;
    });
  return {
    records: countRecords(true),
    deletedRecords: countRecords(false),
    memories: sum((organization) => countMemories(organization, world.knobs.historyLimit)),
    orphanMemories: sum((organization) => organization.orphans.length),
    rowsReceived: sum(({ totals }) => totals.rowsReceived),
    rowsLanded: sum(({ totals }) => totals.rowsLanded),
    rowsFailed: sum(({ totals }) => totals.rowsFailed),
    rowsOrphaned: sum(({ totals }) => totals.rowsOrphaned),
    events: sum(({ events }) => events.size),
    eventsInFlight: sum(({ events }) => [...events.values()].filter((event) => event.end === undefined).length),
    requests: requestLog.count,
    unitsAccepted: sum(({ history }) => history.total),
    rateLimited: {
      perMinute: sum(({ totals }) => totals.rateLimitedPerMinute),
      perMonth: sum(({ totals }) => totals.rateLimitedPerMonth),
      concurrent: sum(({ totals }) => totals.rateLimitedByConcurrency),
    },
    creditsCharged: sum(({ totals }) => totals.creditsCharged),
    aiCharacters: sum(({ totals }) => totals.aiCharacters),
  };
}

function countMemories(organization: Organization, historyLimit: number): number {
  let count = 0;
  for (const record of organization.records.all()) {
    if (!record.isVisible() || !record.mayHaveMemories) continue;
    count += record.memories(record.fold(historyLimit)).length;
  }
  return count;
}
