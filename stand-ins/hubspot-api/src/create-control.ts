import { createSteering, selectRequests } from "@acme/stand-in-kit";
import { changes } from "./changes.ts";
import type { ChangeOptions, Control, Counts, PropertyValues, RecordQuery, RecordView } from "./control.ts";
import { families } from "./counters.ts";
import { pickKnobs } from "./knobs.ts";
import { toDailyLimit, toTenSecondLimit } from "./limits/limiter.ts";
import type { ObjectType } from "./portal/object-type.ts";
import { defineProperty, type PropertyDefinition } from "./portal/property-definition.ts";
import type { StoredRecord } from "./portal/stored-record.ts";
import { toRecordId } from "./routes/read-record.ts";
import { populate, type World } from "./world.ts";

const SOURCE = "CRM_UI";

/** The control of one server. */
export function createControl(world: World): Control {
  const typeOf = (name: string) => world.portal.type(name);
  const at = (options: ChangeOptions | undefined) => changes(world, SOURCE, options?.atMs);

  /** Type and record; throws RangeError when there is none. */
  function find(typeName: string, id: string): readonly [ObjectType, StoredRecord] {
    const type = typeOf(typeName);
    const record = type.records.get(toRecordId(id) ?? -1);
    if (record === undefined) throw new RangeError(`No ${type.facts.name} ${id}`);
    return [type, record];
  }

  function* eachRecord(query: RecordQuery = {}): IterableIterator<RecordView> {
    world.portal.settle(world.clock.now());
    const types = query.type === undefined ? world.portal.types() : [typeOf(query.type)];
    let position = -1;
    const first = query.offset ?? 0;
    const last = first + (query.limit ?? Number.POSITIVE_INFINITY);
    for (const type of types) {
      for (const record of query.archived === true ? type.records.archived() : type.records.live()) {
        position += 1;
        if (position < first) continue;
        if (position >= last) return;
        yield toRecordView(type, record, query.properties);
      }
    }
  }

  function setDefinition(typeName: string, name: string, change: Partial<PropertyDefinition>): void {
    const type = typeOf(typeName);
    const definition = type.properties.get(name);
    if (definition === undefined) throw new RangeError(`No property ${name} of ${type.facts.name}`);
    type.properties.set(name, { ...definition, ...change });
  }

  return {
    ...createSteering(world, pickKnobs),
    requests(query = {}) {
      const entries = world.requestLog.list(world.knobs.requestLogSize);
      const { family } = query;
      return selectRequests(family === undefined ? entries : entries.filter((entry) => entry.family === family), query);
    },
    counts() {
      world.portal.settle(world.clock.now());
      return toCounts(world);
    },
    peakCalls: (windowMs, chosen) =>
      world.counters.peak(windowMs, chosen ?? families.filter((family) => family !== "oauth")),
    usage(name) {
      const nowMs = world.clock.now();
      const app = world.apps.find(name);
      const { limiter, knobs } = world;
      return {
        tenSecondCalls: limiter.usedInTenSeconds(app, nowMs),
        tenSecondLimit: toTenSecondLimit(app, knobs),
        searchesInSecond: limiter.searchesInSecond(nowMs),
        searchPerSecond: knobs.searchPerSecond,
        dailyCalls: limiter.usedToday(knobs, nowMs),
        dailyLimit: toDailyLimit(knobs),
      };
    },
    setUsage: ({ dailyCalls }) => world.limiter.setUsedToday(dailyCalls, world.knobs, world.clock.now()),

    records: (query) => [...eachRecord(query)],
    eachRecord,
    record(typeName, id) {
      world.portal.settle(world.clock.now());
      const type = typeOf(typeName);
      const record = type.records.get(toRecordId(id) ?? -1);
      return record === undefined ? undefined : toRecordView(type, record);
    },
    survivorOf(typeName, id) {
      const survivor = typeOf(typeName).records.survivorOf(toRecordId(id) ?? -1);
      return survivor === undefined ? undefined : String(survivor);
    },

    create: (type, properties, options) =>
      String(
        at(options).create(
          typeOf(type),
          toValues(properties),
          options?.id === undefined ? undefined : Number(options.id),
        ).id,
      ),
    update(type, id, properties, options) {
      at(options).update(...find(type, id), toValues(properties), options?.touch);
    },
    updateMany(typeName, ids, properties, options) {
      const type = typeOf(typeName);
      const records = ids === undefined ? type.records.live() : ids.map((id) => find(typeName, id)[1]);
      const moment = changes(world, SOURCE, options?.atMs);
      const values = toValues(properties);
      for (const record of records) moment.update(type, record, values, options?.touch);
      return records.length;
    },
    archive: (type, id, options) => at(options).archive(...find(type, id)),
    restore: (type, id, options) => at(options).restore(...find(type, id)),
    merge(type, primaryId, loserId, options) {
      return String(at(options).merge(...find(type, primaryId), find(type, loserId)[1]).id);
    },
    gdprDelete: (type, id) => at(undefined).gdprDelete(...find(type, id)),
    associate: (fromType, fromId, toType, toId, label) =>
      at(undefined).associate(...find(fromType, fromId), ...find(toType, toId), label),
    dissociate: (fromType, fromId, toType, toId) =>
      at(undefined).dissociate(...find(fromType, fromId), ...find(toType, toId)),
    associated: (fromType, fromId, toType) =>
      world.portal.links.targets(...find(fromType, fromId), typeOf(toType)).map(({ id }) => String(id)),

    defineProperty(typeName, property) {
      const type = typeOf(typeName);
      const createdAtMs = world.clock.now();
      const definition = defineProperty({ createdAtMs, ...property }, `${type.facts.name}_custom`);
      type.properties.set(property.name, definition);
    },
    archiveProperty: (type, name) => setDefinition(type, name, { archived: true, archivedAtMs: world.clock.now() }),
    restoreProperty: (type, name) => setDefinition(type, name, { archived: false, archivedAtMs: undefined }),
    defineCustomObject: (seed) => world.portal.defineCustomType(seed, world.clock.now()).facts.name,
    archiveOwner(id, archived = true) {
      const owner = world.portal.owners.find((candidate) => candidate.id === id);
      if (owner === undefined) throw new RangeError(`No owner ${id}`);
      owner.archived = archived;
      owner.updatedAtMs = world.clock.now();
    },

    settleIndex: () => world.portal.settle(Number.POSITIVE_INFINITY),

    addApp(seed) {
      world.apps.add(seed);
    },
    setScopes(scopes, app) {
      world.apps.find(app).scopes = new Set(scopes);
    },
    revokeToken: (token) => world.apps.revoke(token),
    revokeApp: (app) => world.apps.revokeAll(world.apps.find(app)),
    expireAccessTokens: () => world.apps.expireAccessTokens(world.clock.now()),
    setDisconnected(disconnected) {
      world.apps.disconnected = disconnected;
    },

    reset() {
      world.faults.clear();
      world.requestLog.clear();
      world.clock.setOffset(0);
      world.knobs = { ...world.startKnobs };
      Object.assign(world, populate(world.portalSeed, world.appSeeds, world.knobs));
    },
  };
}

function toValues(properties: PropertyValues): ReadonlyMap<string, string | null> {
  return new Map(Object.entries(properties));
}

function toRecordView(type: ObjectType, record: StoredRecord, names?: readonly string[]): RecordView {
  const { current } = record;
  const properties: Record<string, string> = {};
  for (const name of names ?? type.properties.keys()) {
    const value = type.read(record, name);
    if (value !== null) properties[name] = value;
  }
  return {
    id: String(record.id),
    type: type.facts.name,
    createdAtMs: record.createdAtMs,
    modifiedAtMs: current.modifiedAtMs,
    archived: current.state === "archived",
    archivedAtMs: current.archivedAtMs,
    properties,
    searchable: current.state === "live" && record.indexed === current,
  };
}

function toCounts(world: World): Counts {
  const { counters, limiter, portal, requestLog } = world;
  const records: Record<string, { live: number; archived: number }> = {};
  let pendingIndexChanges = 0;
  for (const type of portal.types()) {
    pendingIndexChanges += type.index.pendingCount;
    const [live, archived] = [type.records.live().length, type.records.archived().length];
    if (live + archived > 0) records[type.facts.name] = { live, archived };
  }
  return {
    requests: requestLog.count,
    calls: counters.calls(),
    rows: counters.rows(),
    statuses: counters.statuses(),
    rateLimited: counters.policies(),
    limitsExceeded: limiter.refused(),
    records,
    pendingIndexChanges,
  };
}
