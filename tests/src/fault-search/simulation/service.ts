import type { Json } from "@acme/sync-core";
import type {
  BatchRequest,
  DeleteRequest,
  DigestRequest,
  SearchRequest,
} from "../../../../packages/sync-core/src/personize/requests.ts";
import { collections } from "./expected.ts";
import { createMinuteLimit } from "./minute-limit.ts";
import { createRecords, type StoredRecord } from "./records.ts";
import { createRepeats, type Repeats } from "./repeats.ts";
import { type EventEnd, type FailedRow, type ServiceEvent, toEventBody } from "./service-event.ts";
import { POISON } from "./source-row.ts";
import type { World } from "./world.ts";

/** An answer of the service; statuses of 400 and above are errors. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Personize as its reference describes it: batches are accepted at once, and land later, in any order. */
export interface Service {
  me(): Answer;
  listCollections(limit: number, nextToken: string | null): Answer;
  acceptBatch(request: BatchRequest): Answer;
  search(request: SearchRequest): Answer;
  smartDigest(request: DigestRequest): Answer;
  deleteRecord(request: DeleteRequest): Answer;
  event(eventId: string): Answer;
  listEvents(limit: number, nextToken: string | null): Answer;
  /** The client has written this event down; only such events may take longer than a lost one may. */
  isFollowed(eventId: string): void;
  /** Somebody else uses the plan. */
  useUnits(units: number): void;
  /** True while nothing answers but a proxy. */
  isDown(): boolean;
  setDown(down: boolean): void;
  setCredits(available: boolean): void;
  setKeyValid(valid: boolean): void;
  liftMonth(): void;
  /** Somebody else changes a structured value of some record of ours. */
  meddle(): void;
  /** When somebody else last changed the record; 0: never. */
  meddledAtMs(record: string): number;
  record(record: string): StoredRecord | null;
  records(): ReadonlyMap<string, StoredRecord>;
  /** When a batch with a row of this record was last taken; 0: never. */
  lastAcceptedMs(record: string): number;
  /** Records of which the service has refused a row at least once. */
  refused(): ReadonlySet<string>;
  /** Answers that said that the minute is used up. */
  limitAnswers(): number;
  /** Batches that were answered with the month's being used up. */
  monthAnswers(): number;
  mostInAMinute(): number;
  readonly repeats: Repeats;
}

interface Landing {
  at: number;
  readonly order: number;
  readonly event: ServiceEvent;
  readonly rows: readonly LandingRow[];
}

interface LandingRow {
  readonly record: string;
  readonly values: readonly { readonly property: string; readonly value: Json; readonly extract: boolean }[];
}

/** @param onDeleted a record was there, and is deleted. */
export function createService(world: World, onDeleted: (record: string, stored: StoredRecord) => void): Service {
  const { clock, timeline } = world;
  const { service: scenario, faults } = world.scenario;
  const dice = world.dice("service");
  const meddler = world.dice("meddler");
  const meddled = new Map<string, number>();
  const stored = createRecords(world);
  const events = new Map<string, ServiceEvent>();
  const refused = new Set<string>();
  const lastAccepted = new Map<string, number>();
  const taken = new Map<string, { readonly id: string | null; readonly at: number }>();
  const repeats = createRepeats();
  const limit = createMinuteLimit(scenario.perMinute);
  let landings: Landing[] = [];
  let usedThisMonth = 0;
  let perMonth = scenario.perMonth;
  let limitAnswers = 0;
  let monthAnswers = 0;
  let down = false;
  let credits = true;
  let keyValid = true;

  const happens = (probability: number): boolean => world.isStormy() && dice.chance(probability);

  /** Lets everything land that is due. */
  function catchUp(): void {
    const now = clock.now();
    if (!landings.some((landing) => landing.at <= now)) return;
    const due = landings.filter((landing) => landing.at <= now);
    landings = landings.filter((landing) => landing.at > now);
    for (const landing of due.toSorted((left, right) => left.at - right.at || left.order - right.order)) land(landing);
  }

  function land({ event, rows }: Landing): void {
    timeline.note("service", () => `${event.id} lands: ${rows.map(describeRow).join("; ")}`);
    for (const { record, values } of rows) stored.write(record, values);
  }

  /** What speaks against any request, before it is looked at. */
  function refuseAny(units: number, carriesRows: boolean): Answer | null {
    catchUp();
    if (!keyValid) return error(401, { error: "authentication_error" });
    if (carriesRows && !credits && dice.chance(0.5)) return error(402, { error: { code: "INSUFFICIENT_CREDITS" } });
    if (perMonth !== null && usedThisMonth + units > perMonth) {
      if (carriesRows) monthAnswers += 1;
      return error(429, { error: "rate_limit_exceeded", window: "per_month", limit: perMonth, current: usedThisMonth });
    }
    const over = limit.take(clock.now(), units);
    if (over !== null || happens(faults.needlessLimit)) {
      limitAnswers += 1;
      const { current, waitMs } = over ?? { current: units, waitMs: 5000 };
      timeline.note("service", () => `429: ${current} units used in this minute, ${units} more asked for`);
      const hint = scenario.hints ? { retryAfterSeconds: Math.ceil(waitMs / 1000) } : {};
      return error(429, {
        error: "rate_limit_exceeded",
        window: "per_minute",
        limit: scenario.perMinute ?? current,
        current,
        ...hint,
      });
    }
    usedThisMonth += units;
    return null;
  }

  function unitsOf(request: BatchRequest): number {
    switch (scenario.rateUnit) {
      case "row":
        return request.rows.length;
      case "chunk":
        return Math.ceil(request.rows.length / request.chunkSize);
      case "call":
        return 1;
    }
  }

  /** A later row of a batch is not sure to be applied after an earlier one. */
  function toLandingRows(request: BatchRequest): (LandingRow | null)[] {
    const properties = Object.entries(request.mapping.properties);
    return request.rows.map((row) => {
      const identity = row[request.mapping.email ?? ""];
      if (typeof identity !== "string" || identity.trim() === "") return null;
      return {
        record: identity.trim().toLowerCase(),
        values: properties.map(([property, { sourceField, extractMemories }]) => ({
          property,
          // A field that is absent is stored as null without a word.
          value: row[sourceField] ?? null,
          extract: extractMemories,
        })),
      };
    });
  }

  function isPoisoned(row: LandingRow): boolean {
    return row.values.some(({ value }) => value === POISON);
  }

  /** Refused calls do not count for the month. */
  function refuse(rows: readonly (LandingRow | null)[], units: number): Answer {
    for (const row of rows) if (row !== null) refused.add(row.record);
    repeats.allow(rows.length);
    usedThisMonth -= units;
    return error(400, { error: { code: "validation_error" } });
  }

  function drawEnd(rows: readonly (LandingRow | null)[]): EventEnd {
    const failed: FailedRow[] = [];
    for (const [index, row] of rows.entries()) {
      if (row === null) failed.push({ index, code: "MISSING_IDENTIFIER" });
      else if (isPoisoned(row)) failed.push({ index, code: "INVALID_PARAMS" });
    }
    const told = scenario.poisonStyle === "row-list" ? "list" : "nothing";
    if (failed.length > 0)
      return scenario.poisonStyle === "failed"
        ? { state: "failed", code: "validation_error" }
        : { state: "partial", failed, told };
    if (!credits) {
      const unpaid = rows.flatMap((_, index) => (dice.chance(0.5) ? [{ index, code: "INSUFFICIENT_CREDITS" }] : []));
      if (unpaid.length > 0) return { state: "partial", failed: unpaid, told: "list" };
    }
    if (happens(faults.stale)) return { state: "stale" };
    if (happens(faults.failed)) return { state: "failed", code: "server_error" };
    if (happens(faults.partial)) {
      const some = rows.flatMap((_, index) => (dice.chance(0.4) ? [{ index, code: "PROCESSING_ERROR" }] : []));
      if (some.length > 0) return { state: "partial", failed: some, told: dice.pick([told, "short-list", "nothing"]) };
    }
    return { state: "landed" };
  }

  function accept(request: BatchRequest): Answer {
    const rows = toLandingRows(request);
    const records = rows.flatMap((row) => row?.record ?? []);
    if (new Set(records).size < records.length) world.problem(`A batch holds one record twice: ${records.join(" ")}`);
    if (rows.length > 500) return error(413, { error: "validation_error" });
    if (happens(faults.needlessRefusal)) return refuse(rows, unitsOf(request));
    if (scenario.poisonStyle === "refused" || (scenario.surface === "inline" && scenario.poisonStyle !== "row-list"))
      if (rows.some((row) => row === null || isPoisoned(row))) return refuse(rows, unitsOf(request));

    const now = clock.now();
    if (isTakenForAnother(request, rows, now)) return acceptAndDrop(rows.length, now);
    const end = drawEnd(rows);
    const id = `evt-${events.size + 1}`;
    taken.set(JSON.stringify(request.rows), { id, at: now });
    repeats.accepted(rows);
    for (const record of records) lastAccepted.set(record, now);
    if (end.state !== "landed") repeats.allow(rows.length);
    const failed = new Set(end.state === "partial" ? end.failed.map(({ index }) => index) : []);
    for (const index of failed) refused.add(rows[index]?.record ?? "");
    // Where nobody says which rows failed, any of them may be taken for one.
    const isUnclear = end.state === "failed" || (end.state === "partial" && end.told !== "list");
    if (isUnclear) for (const record of records) refused.add(record);
    const good = rows.filter((row, index): row is LandingRow => row !== null && !failed.has(index));

    if (scenario.surface === "inline") {
      const event = { id, rowCount: rows.length, endsAt: now, end, vanishesAt: null, strangeWord: false };
      const lost = end.state === "failed" || end.state === "stale";
      if (!lost) land({ at: now, order: 0, event, rows: good });
      else for (const row of good) refused.add(row.record);
      const errors = end.state === "partial" && end.told === "list" ? end.failed : [];
      return { status: 200, body: success({ memorized: lost ? 0 : good.length, errors }) };
    }

    const endsAt = now + dice.int(1, dice.chance(0.3) ? scenario.landingMs : scenario.usualLandingMs);
    const vanishes = happens(faults.vanished);
    const event: ServiceEvent = {
      id,
      rowCount: rows.length,
      endsAt,
      end,
      // Before its end can be told.
      vanishesAt: vanishes ? now + dice.int(0, endsAt - now) : null,
      strangeWord: dice.chance(0.1),
    };
    events.set(id, event);
    if (vanishes) repeats.allow(rows.length);
    timeline.note("service", () => `accepts ${id} of ${rows.length} rows; ${describeEnd(event, now)}`);
    plan(event, good, now);
    return { status: 202, body: success({ eventId: id }) };
  }

  /** The same rows as a moment ago: the work on them is given up, and so is this. Never twice for the same rows. */
  function isTakenForAnother(request: BatchRequest, rows: readonly (LandingRow | null)[], now: number): boolean {
    const before = taken.get(JSON.stringify(request.rows));
    if (before === undefined || before.id === null || now > before.at + scenario.landingMs) return false;
    if (!landings.some(({ event }) => event.id === before.id) || !rows.every(isNews)) return false;
    if (!happens(faults.dropsRepeats)) return false;
    landings = landings.filter(({ event }) => event.id !== before.id);
    taken.set(JSON.stringify(request.rows), { id: null, at: now });
    repeats.allow(2 * request.rows.length);
    timeline.note("service", () => `takes a batch for ${before.id}, and drops both`);
    return true;
  }

  /** Whoever reads the record back can tell that the row did not land. Texts are not read back. */
  function isNews(row: LandingRow | null): boolean {
    const values = stored.all().get(row?.record ?? "")?.values;
    return (
      row?.values.some(({ extract, property, value }) => !extract && (values?.get(property) ?? "") !== (value ?? "")) ??
      false
    );
  }

  function acceptAndDrop(rowCount: number, now: number): Answer {
    const id = `evt-${events.size + 1}`;
    const end = { state: "landed" } as const;
    events.set(id, { id, rowCount, endsAt: now + 1, end, vanishesAt: null, strangeWord: false });
    return { status: 202, body: success({ eventId: id }) };
  }

  /** When the rows of an accepted batch land: some early, some late, some twice, always before its end is told. */
  function plan(event: ServiceEvent, rows: readonly LandingRow[], now: number): void {
    const { end, endsAt, vanishesAt } = event;
    if (end.state === "failed") return;
    const latest = now + scenario.landingMs;
    if (end.state === "stale" || vanishesAt !== null) {
      // Nobody can tell whether the work was done before it was lost, or is done yet by a worker that was given up.
      if (dice.chance(0.7)) schedule(event, rows, now + dice.int(0, latest - now));
      return;
    }
    const middle = dice.chance(0.3) ? dice.int(0, rows.length) : rows.length;
    schedule(event, rows.slice(0, middle), now + dice.int(0, endsAt - now));
    schedule(event, rows.slice(middle), now + dice.int(0, endsAt - now));
    if (happens(faults.landsTwice)) schedule(event, rows, now + dice.int(0, endsAt - now));
  }

  function schedule(event: ServiceEvent, rows: readonly LandingRow[], at: number): void {
    if (rows.length === 0) return;
    const shuffled = rows.length > 1 ? shuffle(rows) : rows;
    landings.push({ at, order: dice.float(), event, rows: shuffled });
  }

  function shuffle<T>(list: readonly T[]): T[] {
    return list
      .map((item) => ({ item, place: dice.float() }))
      .toSorted((left, right) => left.place - right.place)
      .map(({ item }) => item);
  }

  function known(eventId: string): ServiceEvent | null {
    const event = events.get(eventId) ?? null;
    if (event === null || (event.vanishesAt !== null && event.vanishesAt <= clock.now())) return null;
    return event;
  }

  return {
    me: () =>
      refuseAny(1, false) ?? {
        status: 200,
        body: success({
          organization: { id: "org-1" },
          plan: { name: "Test", limits: { maxApiCallsPerMinute: scenario.perMinute, maxApiCallsPerMonth: perMonth } },
        }),
      },
    listCollections(_, nextToken) {
      const refusal = refuseAny(1, false);
      if (refusal !== null) return refusal;
      const names = Object.keys(collections);
      const index = nextToken === null ? 0 : Number(nextToken);
      const actions = Object.entries(collections)
        .slice(index, index + 1)
        .map(([name, properties]) => ({
          id: `action-${name}`,
          payload: {
            collectionId: `col-${name}`,
            collectionName: name,
            properties: properties.map((property) => ({ propertyName: property, systemName: property })),
          },
        }));
      return {
        status: 200,
        body: success({ actions, nextToken: index + 1 < names.length ? String(index + 1) : undefined }),
      };
    },
    acceptBatch(request) {
      return refuseAny(unitsOf(request), true) ?? accept(request);
    },
    search({ email = "" }) {
      const refusal = refuseAny(1, false);
      if (refusal !== null) return refusal;
      const found = stored.find(email.trim().toLowerCase(), clock.now() - scenario.searchLagMs);
      if (found === null) return { status: 200, body: success({ recordIds: [], records: {}, totalMatched: 0 }) };
      const properties = Object.fromEntries([...found.values].map(([property, value]) => [property, { value }]));
      return { status: 200, body: success({ recordIds: [found.id], records: { [found.id]: properties } }) };
    },
    smartDigest({ email = "" }) {
      const refusal = refuseAny(1, false);
      if (refusal !== null) return refusal;
      const texts = [...(stored.all().get(email.trim().toLowerCase())?.texts.values() ?? [])];
      const memories = texts.flatMap((text) => (typeof text === "string" && text !== "" ? [{ text }] : []));
      return { status: 200, body: success({ memories }) };
    },
    deleteRecord({ recordId }) {
      const refusal = refuseAny(1, true);
      if (refusal !== null) return refusal;
      const record = stored.remove(recordId, onDeleted);
      if (record === null) return error(404, { error: { code: "RECORD_NOT_FOUND" } });
      repeats.forget(record);
      timeline.note("service", () => `deletes ${record}`);
      return { status: 200, body: success({ recordId }) };
    },
    event(eventId) {
      const refusal = refuseAny(1, false);
      if (refusal !== null) return refusal;
      const event = known(eventId);
      if (event === null) return error(404, { error: "RECORD_NOT_FOUND" });
      return { status: 200, body: success(toEventBody(event, clock.now(), scenario, false)) };
    },
    listEvents(max) {
      const refusal = refuseAny(1, false);
      if (refusal !== null) return refusal;
      if (scenario.listing === "absent") return error(404, { error: "not_found_error" });
      const listed = [...events.keys()]
        .toReversed()
        .flatMap((eventId) => known(eventId) ?? [])
        .filter(() => scenario.listing === "complete" || dice.chance(0.7))
        .slice(0, max);
      const now = clock.now();
      return { status: 200, body: success({ events: listed.map((each) => toEventBody(each, now, scenario, true)) }) };
    },
    isFollowed(eventId) {
      const event = events.get(eventId);
      if (event === undefined || event.vanishesAt !== null || event.end.state === "stale") return;
      if (event.endsAt <= clock.now() || !happens(faults.stuck)) return;
      const ms = dice.int(30_000, 400_000);
      event.endsAt += ms;
      for (const landing of landings) if (landing.event === event) landing.at += dice.int(0, ms);
      timeline.note("service", () => `${eventId} is stuck for ${ms / 1000} s`);
    },
    useUnits: (units) => void limit.take(clock.now(), units),
    isDown: () => down,
    setDown(isDown) {
      down = isDown;
    },
    setCredits(available) {
      credits = available;
    },
    setKeyValid(valid) {
      keyValid = valid;
    },
    liftMonth() {
      perMonth = null;
    },
    meddle() {
      catchUp();
      const ours = [...stored.all()].flatMap(([record, { isOurs }]) => (isOurs ? [record] : []));
      const record = ours[meddler.int(0, Math.max(0, ours.length - 1))];
      if (record === undefined) return;
      timeline.note("somebody", () => `changes ${record}`);
      stored.meddle(record, "first_name");
      meddled.set(record, clock.now());
    },
    meddledAtMs: (record) => meddled.get(record) ?? 0,
    record(record) {
      catchUp();
      return stored.all().get(record) ?? null;
    },
    records() {
      catchUp();
      return stored.all();
    },
    lastAcceptedMs: (record) => lastAccepted.get(record) ?? 0,
    refused: () => refused,
    limitAnswers: () => limitAnswers,
    monthAnswers: () => monthAnswers,
    mostInAMinute: () => limit.most(),
    repeats,
  };
}

function success(data: unknown): unknown {
  return { success: true, data };
}

function error(status: number, body: Record<string, unknown>): Answer {
  return { status, body: { success: false, ...body } };
}

function describeRow({ record, values }: LandingRow): string {
  return `${record} ${values.map(({ property, value }) => `${property}=${JSON.stringify(value)}`).join(" ")}`;
}

function describeEnd({ end, endsAt, vanishesAt }: ServiceEvent, now: number): string {
  const vanishing = vanishesAt === null ? "" : `, vanishes after ${(vanishesAt - now) / 1000} s`;
  return `${end.state} after ${(endsAt - now) / 1000} s${vanishing}`;
}
