import type { Collection, Delivery, Destination, Outcome } from "../../contracts/destination.ts";
import { QuotaStop } from "../../contracts/destination.ts";
import { TransientError } from "../../contracts/errors.ts";
import type { Json } from "../../contracts/json.ts";
import type { Batch, BatchLimits, BatchRow } from "../../contracts/line.ts";
import type { Runtime } from "../../contracts/runtime.ts";
import { roomy } from "./mapping.ts";

/** What the outside world does, to be changed between runs. */
export interface Weather {
  limits: BatchLimits;
  /** Milliseconds a request waits for its turn. */
  turnMs: number;
  requestMs: number;
  /** Milliseconds from accepted to landed, before chance makes it half or one and a half of it. */
  landingMs: number;
  /** Requests that carry rows until the month is over; null: no limit. */
  unitsLeft: number | null;
  callsPerMinute: number | null;
  /** Called right before a batch would be accepted; what it returns or throws happens instead, null: nothing special. */
  onSend: (batch: Batch) => Delivery | null;
  /** True: the batch is taken, and the reply is lost; the run hears of a passing fault. */
  losesReply: (batch: Batch) => boolean;
  /** True: an earlier try of the batch may have been taken, too, though none was. */
  isAmbiguous: (batch: Batch) => boolean;
  /** What is found of a record when it is read back; null: nothing. May throw. */
  onLookup: (record: string, stored: Readonly<Record<string, Json>> | null) => Readonly<Record<string, Json>> | null;
  /** True: the batch is accepted and never lands. */
  neverLands: (batch: Batch) => boolean;
  /** Called before a record is deleted; what it returns is thrown instead, null: nothing special. */
  onRemove: (record: string) => Error | null;
  /** True: no search shows the record yet that is to be deleted. */
  isUnseen: (record: string) => boolean;
  /** What is said of a batch instead of the truth; null: the truth. */
  onAsked: (batch: Batch) => Outcome | null;
  /** Changes a record behind everybody's back; null: deletes it. */
  readonly overwrite: (record: string, values: Readonly<Record<string, Json>> | null) => void;
}

interface Event {
  readonly batch: Batch;
  readonly landsAt: number;
  landed: boolean;
}

export interface FakeDestination extends Destination {
  readonly weather: Weather;
  /** Record → values by row key, as far as they have landed now. */
  stored(): ReadonlyMap<string, Readonly<Record<string, Json>>>;
  /** Batches that left, oldest first, with the time. */
  readonly sent: readonly { readonly batch: Batch; readonly at: number }[];
  /** Rules of the contract that were broken; has to stay empty. */
  readonly violations: readonly string[];
  /** Records that were deleted, oldest first. */
  readonly removed: readonly { readonly record: string; readonly reason: string }[];
  /** Times at which events were asked about. */
  readonly askedAt: readonly number[];
  /** Records that were read back, with the time. */
  readonly lookedUp: readonly { readonly record: string; readonly at: number }[];
}

const contacts: Collection = {
  id: "col_1",
  name: "Contacts",
  entityType: "contact",
  properties: ["name", "age", "notes"].map((name) => ({ names: [name], appendOnly: false })),
};

/** A destination as the engine sees it, with a world behind it in which rows land late, and which keeps watch over the rules. */
export function createFakeDestination(runtime: Runtime): FakeDestination {
  const weather: Weather = {
    limits: { ...roomy, maxRows: 5 },
    turnMs: 20,
    requestMs: 50,
    landingMs: 4000,
    unitsLeft: null,
    callsPerMinute: 600,
    onSend: () => null,
    losesReply: () => false,
    isAmbiguous: () => false,
    onLookup: (_, found) => found,
    neverLands: () => false,
    onAsked: () => null,
    onRemove: () => null,
    isUnseen: () => false,
    overwrite: (record, values) => {
      if (values === null) stored.delete(record);
      else stored.set(record, { ...stored.get(record), ...values });
    },
  };
  const events = new Map<string, Event>();
  const stored = new Map<string, Record<string, Json>>();
  const underWay = new Map<string, string>();
  const sent: { batch: Batch; at: number }[] = [];
  const violations: string[] = [];
  const askedAt: number[] = [];
  const lookedUp: { record: string; at: number }[] = [];
  const removed: { record: string; reason: string }[] = [];
  let calls = 0;
  let units = 0;

  function settle(): void {
    const due = [...events.values()].filter((event) => !event.landed && event.landsAt <= runtime.now());
    for (const event of due.toSorted((left, right) => left.landsAt - right.landsAt)) {
      event.landed = true;
      for (const row of event.batch.rows) store(row);
      letGo(event.batch);
    }
  }

  function store(row: BatchRow): void {
    stored.set(row.record, { ...stored.get(row.record), ...row.values });
  }

  function letGo(batch: Batch): void {
    for (const { record } of batch.rows) if (underWay.get(record) === batch.id) underWay.delete(record);
  }

  function watch(batch: Batch): void {
    settle();
    const records = batch.rows.map(({ record }) => record);
    if (new Set(records).size < records.length) violations.push(`${batch.id} holds a record twice`);
    for (const record of records) {
      const other = underWay.get(record);
      if (other !== undefined) violations.push(`${record} is in ${batch.id} while ${other} is unsettled`);
    }
    if (sent.some((earlier) => earlier.batch.id === batch.id)) violations.push(`${batch.id} was sent twice`);
  }

  return {
    weather,
    sent,
    violations,
    askedAt,
    lookedUp,
    removed,
    stored() {
      settle();
      return stored;
    },
    async account(signal) {
      await runtime.sleep(weather.requestMs, signal);
      calls += 1;
      return {
        organizationId: "org_1",
        planName: "Test",
        callsPerMinute: weather.callsPerMinute,
        callsPerMonth: null,
        usedThisMonth: 0,
      };
    },
    async collections(signal) {
      await runtime.sleep(weather.requestMs, signal);
      calls += 1;
      return [contacts];
    },
    async send(batch, _, passage, signal) {
      await runtime.sleep(weather.turnMs * (0.5 + runtime.random()), signal);
      if (weather.unitsLeft !== null && weather.unitsLeft < batch.units) throw new QuotaStop("The month is used up");
      await passage.leaving();
      if (signal.aborted) violations.push(`${batch.id} left after the end`);
      watch(batch);
      calls += 1;
      units += batch.units;
      if (weather.unitsLeft !== null) weather.unitsLeft -= batch.units;
      sent.push({ batch, at: runtime.now() });
      await runtime.sleep(weather.requestMs * (0.5 + runtime.random()), new AbortController().signal);
      const special = weather.onSend(batch);
      if (special?.state === "accepted") await passage.accepted(special.eventId, special.ambiguous);
      if (special !== null) return special;
      const isLost = weather.losesReply(batch);
      // Nobody can know of a copy whose reply was lost, so the same version may be under way once more.
      if (!isLost) for (const { record } of batch.rows) underWay.set(record, batch.id);
      const eventId = `evt_${sent.length}_${batch.id}`;
      const landingMs = weather.landingMs * (0.5 + runtime.random());
      const landsAt = weather.neverLands(batch) ? Number.POSITIVE_INFINITY : runtime.now() + landingMs;
      events.set(eventId, { batch, landsAt, landed: false });
      if (isLost) throw new TransientError("Personize did not answer properly 8 times in a row");
      const ambiguous = weather.isAmbiguous(batch);
      await passage.accepted(eventId, ambiguous);
      return { state: "accepted", eventId, ambiguous };
    },
    async outcomes(accepted, signal) {
      await runtime.sleep(weather.requestMs, signal);
      calls += 1;
      askedAt.push(runtime.now());
      settle();
      const outcomes = new Map<string, Outcome>();
      for (const eventId of accepted.keys()) {
        const event = events.get(eventId);
        const said = event === undefined ? null : weather.onAsked(event.batch);
        if (event !== undefined && said !== null) letGo(event.batch);
        if (said !== null && said.state !== "landed") events.delete(eventId);
        outcomes.set(eventId, said ?? truth(event));
      }
      return outcomes;
    },
    async lookup(identity) {
      settle();
      calls += 1;
      const record = identity.value.toLowerCase();
      lookedUp.push({ record, at: runtime.now() });
      const properties = weather.onLookup(record, stored.get(record) ?? null);
      return properties === null ? null : { recordId: identity.value, properties, memoryCount: 1 };
    },
    async remove(identity, reason, leaving, signal) {
      await runtime.sleep(weather.requestMs, signal);
      settle();
      calls += 1;
      units += 1;
      const record = identity.value.toLowerCase();
      const others = weather.onRemove(record);
      if (others !== null) throw others;
      if (!stored.has(record) || weather.isUnseen(record)) return "unseen";
      calls += 1;
      units += 1;
      await leaving();
      if (underWay.has(record)) violations.push(`${record} was deleted while ${underWay.get(record)} is unsettled`);
      stored.delete(record);
      removed.push({ record, reason });
      return "deleted";
    },
    batchLimits: () => weather.limits,
    spending: () => ({ calls, units, waitedMs: {}, waitingFor: null, notices: [] }),
  };

  function truth(event: Event | undefined): Outcome {
    if (event === undefined) return { state: "vanished" };
    return { state: event.landed ? "landed" : "in-flight" };
  }
}
