import { createSteering, selectRequests } from "@acme/stand-in-kit";
import type { Control, Counts, RowQuery, RowView } from "./control.ts";
import { pickKnobs } from "./knobs.ts";
import { type ChangeOptions, Changes } from "./org/changes.ts";
import { toField } from "./org/custom-objects.ts";
import type { Value } from "./org/field-definition.ts";
import { normalizeId } from "./org/ids.ts";
import type { Table } from "./org/table.ts";
import type { World } from "./world.ts";

const inTheView: ReadonlySet<string> = new Set([
  "Id",
  "IsDeleted",
  "CreatedDate",
  "LastModifiedDate",
  "SystemModstamp",
  "MasterRecordId",
]);

/** The control of one server. */
export function createControl(world: World): Control {
  const tableOf = (name: string) => world.org.table(name);
  /** Changes made now; those that are due by now come first. */
  function at(options: ChangeOptions | undefined): Changes {
    const nowMs = world.clock.now();
    world.settle(nowMs);
    const { org, knobs, random } = world;
    return new Changes({ org, knobs, random, nowMs, userId: org.userId(0) }, options);
  }
  const locate = (id: string) => world.org.locate(normalizeId(id) ?? "");

  /** Throws RangeError for an id that no row has, and for a row that nobody sees. */
  function find(id: string): readonly [Table, number] {
    const found = locate(id);
    if (found === undefined) throw new RangeError(`No row ${id}`);
    const { table, position } = found;
    world.settle(world.clock.now());
    if (table.state(position, table.version(position), world.clock.now()) === "gone") {
      throw new RangeError(`Row ${id} is not there: not committed yet, or gone`);
    }
    return [table, position];
  }

  function* eachRow(query: RowQuery = {}): IterableIterator<RowView> {
    const nowMs = world.clock.now();
    world.settle(nowMs);
    const { state = "live", offset = 0, limit = Number.POSITIVE_INFINITY } = query;
    const tables = query.object === undefined ? world.org.tables() : [tableOf(query.object)];
    let index = -1;
    for (const table of tables) {
      for (const position of table.byId()) {
        if (table.state(position, table.version(position), nowMs) !== state) continue;
        index += 1;
        if (index < offset) continue;
        if (index >= offset + limit) return;
        yield toRowView(table, position, nowMs, query.fields);
      }
    }
  }

  return {
    ...createSteering(world, pickKnobs),
    requests(query = {}) {
      const entries = world.requestLog.list(world.knobs.requestLogSize);
      const { family } = query;
      return selectRequests(family === undefined ? entries : entries.filter((entry) => entry.family === family), query);
    },
    counts() {
      world.settle(world.clock.now());
      return toCounts(world);
    },
    usage() {
      const nowMs = world.clock.now();
      return {
        requests: world.usage.requests(nowMs),
        bulkJobs: world.usage.bulkJobs(nowMs),
        bulkStoredMb: world.usage.bulkStoredMb(nowMs),
      };
    },
    setUsage: ({ requests }) => world.usage.setRequests(requests, world.clock.now()),

    rows: (query) => [...eachRow(query)],
    eachRow,
    row(id) {
      const nowMs = world.clock.now();
      world.settle(nowMs);
      const found = locate(id);
      return found === undefined ? undefined : toRowView(found.table, found.position, nowMs);
    },

    create: (object, values, options) => at(options).create(tableOf(object), values),
    update: (id, values, options) => at(options).update(...find(id), values, options?.touch),
    updateMany(object, ids, values, options) {
      const table = tableOf(object);
      const changes = at(options);
      const nowMs = world.clock.now();
      const positions =
        ids?.map((id) => find(id)[1]) ??
        [...table.byId()].filter((position) => table.state(position, table.version(position), nowMs) === "live");
      for (const position of positions) changes.update(table, position, values, options?.touch);
      return positions.length;
    },
    delete: (id, options) => at(options).delete(...find(id)),
    undelete: (id, options) => at(options).undelete(...find(id)),
    purge: (id, options) => at(options).purge(...find(id)),
    merge(winnerId, loserIds, options) {
      const [table, winner] = find(winnerId);
      if (!table.definition.mergeable) throw new RangeError(`${table.name} rows cannot be merged`);
      at(options).merge(
        table,
        winner,
        loserIds.map((id) => find(id)[1]),
      );
    },
    settleCommits: () => world.org.settle(Number.POSITIVE_INFINITY),
    trimDeletedLog: (object, beforeMs) => tableOf(object).deletedLog.trim(beforeMs),

    defineField(object, field) {
      const table = tableOf(object);
      table.setField(toField(field));
      world.redescribed(table.name);
    },
    removeField(object, field) {
      const table = tableOf(object);
      if (table.field(field) === undefined) throw new RangeError(`No field ${field} of ${table.name}`);
      table.removeField(field);
      world.redescribed(table.name);
    },
    defineObject: (seed) => world.org.defineCustomObject(seed),
    deactivatePicklistValue(object, fieldName, value) {
      const table = tableOf(object);
      const field = table.field(fieldName);
      if (field === undefined) throw new RangeError(`No field ${fieldName} of ${table.name}`);
      const picklistValues = field.picklistValues.map((each) =>
        each.value === value ? { value, active: false } : each,
      );
      table.setField({ ...field, picklistValues });
      world.redescribed(table.name);
    },

    addApp: (seed) => world.addApp(seed),
    setUser(seed) {
      const user = seed.username === undefined ? world.users[0] : world.findUser(seed.username);
      if (user === undefined) throw new RangeError(`No user ${seed.username ?? ""}`);
      user.hide(seed);
      const { password, securityToken, viewAllData, apiEnabled, passwordExpired } = seed;
      if (password !== undefined) user.password = password;
      if (securityToken !== undefined) user.securityToken = securityToken;
      if (viewAllData !== undefined) user.viewAllData = viewAllData;
      if (apiEnabled !== undefined) user.apiEnabled = apiEnabled;
      if (passwordExpired !== undefined) user.passwordExpired = passwordExpired;
      if (seed.hiddenObjects !== undefined || seed.hiddenFields !== undefined) {
        for (const { name } of world.org.tables()) world.redescribed(name);
      }
    },
    revokeToken: (token) => void world.sessions.revoke(token),
    revokeAll: () => world.sessions.revokeAll(),
    expireSessions: () => world.sessions.expireAll(world.clock.now()),
    forgetLocators: () => world.cursors.clear(),

    reset: () => world.reset(),
  };
}

function toRowView(table: Table, position: number, nowMs: number, names?: readonly string[]): RowView {
  const version = table.version(position);
  const full = table.fullVersion(position);
  const fields = names?.map((name) => table.field(name)) ?? table.fields();
  const values: Record<string, Value> = {};
  for (const field of fields) {
    if (field === undefined || inTheView.has(field.name) || field.parts !== undefined) continue;
    const value = table.value(position, version, field);
    if (value !== null) values[field.name] = value;
  }
  return {
    id: table.idOf(position),
    object: table.name,
    state: table.state(position, version, nowMs),
    createdMs: full.createdMs,
    stampMs: full.stampMs,
    modifiedMs: full.modifiedMs,
    deletedMs: full.deletedMs,
    masterId: full.masterId,
    values,
  };
}

function toCounts({ counters, org, requestLog, clock }: World): Counts {
  const nowMs = clock.now();
  const objects: Record<string, { live: number; deleted: number }> = {};
  for (const table of org.tables()) {
    const totals = { live: 0, deleted: 0, gone: 0 };
    for (let position = 0; position < table.count; position += 1) {
      totals[table.state(position, table.version(position), nowMs)] += 1;
    }
    if (totals.live + totals.deleted > 0) objects[table.name] = { live: totals.live, deleted: totals.deleted };
  }
  return {
    requests: requestLog.count,
    calls: counters.calls(),
    rows: counters.rows(),
    statuses: counters.statuses(),
    errorCodes: counters.errorCodes(),
    objects,
    pendingCommits: org.pendingCount,
  };
}
