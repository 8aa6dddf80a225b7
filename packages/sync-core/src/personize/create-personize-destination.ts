import type {
  Account,
  Collection,
  Delivery,
  Destination,
  IdentityValue,
  Outcome,
  Passage,
  StoredRecord,
} from "../contracts/destination.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { Batch, BatchLimits, RateUnit } from "../contracts/line.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { StateStore } from "../contracts/state.ts";
import type { Mapping } from "../contracts/mapping.ts";
import { planDelivery } from "../quota/plan-delivery.ts";
import { createCaller, expectOk } from "./caller.ts";
import { type Client, createClient } from "./client.ts";
import { createEventReader } from "./event-reader.ts";
import { at, text } from "./json-access.ts";
import {
  type MemorizeItem,
  toBatchRequest,
  toDeleteRequest,
  toDigestRequest,
  toMemorizeRequest,
  toSearchRequest,
} from "./requests.ts";
import { createRequestSlots, type RequestSlots } from "./request-slots.ts";
import { statesMinuteLimit, toAccount, toAcceptance, toEventId, toStoredRecord } from "./responses.ts";
import { toCollectionPage } from "./to-collections.ts";
import { paceKeyOf } from "./pace-key.ts";
import { createWaitTally } from "./wait-tally.ts";

export interface PersonizeOptions {
  readonly secretKey: string;
  readonly baseUrl: string;
  /** Of one request. */
  readonly timeoutMs: number;
  readonly maxConcurrentRequests: number;
  /** Shared by all destinations of one key in this process; absent: `maxConcurrentRequests` places of its own. */
  readonly slots?: RequestSlots;
  readonly rateUnit: RateUnit;
  /** Rows a call at most; null: chosen from the plan. */
  readonly maxRowsPerCall: number | null;
  readonly chunkSize: number;
  /** Replaces what `me()` reports; null: the plan's own. */
  readonly limitsOverride: { readonly perMinute: number | null; readonly perMonth: number | null };
  /** Label of the source system that Personize shows. */
  readonly sourceLabel: string;
  /** Keeps the pacer and the quota ledger, shared by every process that uses the same store. */
  readonly state: StateStore;
  readonly runtime: Runtime;
}

export interface PersonizeDestination extends Destination {
  /** The vendor's single `memorize`, paced and retried like everything else. @throws ConfigError when it is refused. */
  memorize(
    item: MemorizeItem,
    signal: AbortSignal,
  ): Promise<{ readonly eventId: string | null; readonly recordId: string | null }>;
}

/** An organisation has tens of collections; a token that never ends is a fault of the other side. */
const MAX_COLLECTION_PAGES = 200;
const COLLECTIONS_A_PAGE = 100;

/** Personize through `@personize/sdk`, whose own retries are off: there is one retry layer, the caller's. */
export function createPersonizeDestination(options: PersonizeOptions): PersonizeDestination {
  return createDestinationOverClient(createClient(options), options);
}

/** The same over another client, for tests that stand in for the network. */
export function createDestinationOverClient(client: Client, options: PersonizeOptions): PersonizeDestination {
  const { runtime } = options;
  const waits = createWaitTally(runtime);
  const caller = createCaller({
    paceKey: paceKeyOf(options),
    slots: (options.slots ?? createRequestSlots(options.maxConcurrentRequests)).lane(),
    state: options.state,
    runtime,
    waits,
  });
  const events = createEventReader(client, caller);
  const notices = new Set<string>();
  let account: Account | null = null;

  async function readAccount(signal: AbortSignal): Promise<Account> {
    const result = await caller.call(
      { what: "when asked who we are (me)", units: 1, carriesRows: false, opensRun: true, attempt: () => client.me() },
      signal,
    );
    const envelope = expectOk(result, "me()");
    const reported = toAccount(envelope);
    if (!statesMinuteLimit(envelope) && options.limitsOverride.perMinute === null) {
      notices.add(
        "me() does not say how many calls a minute the plan allows; 60 are used. Set personize.limitsOverride.perMinute if it is more",
      );
    }
    account = {
      ...reported,
      callsPerMinute: options.limitsOverride.perMinute ?? reported.callsPerMinute,
      callsPerMonth: options.limitsOverride.perMonth ?? reported.callsPerMonth,
      usedThisMonth: await caller.usedThisMonth(),
    };
    caller.setPlan(delivery(account).pace, account.callsPerMonth);
    await caller.rememberMonthlyLimit();
    return account;
  }

  function delivery(known: Account): ReturnType<typeof planDelivery> {
    return planDelivery(known, {
      rateUnit: options.rateUnit,
      maxRowsPerCall: options.maxRowsPerCall,
      chunkSize: options.chunkSize,
      eventsListed: events.listed(),
    });
  }

  async function readCollections(signal: AbortSignal): Promise<readonly Collection[]> {
    const collections: Collection[] = [];
    let nextToken: string | null = null;
    for (let page = 0; page < MAX_COLLECTION_PAGES; page += 1) {
      const token: string | null = nextToken;
      const result = await caller.call(
        {
          what: "when asked for the collections",
          units: 1,
          carriesRows: false,
          attempt: () => client.listCollections(COLLECTIONS_A_PAGE, token),
        },
        signal,
      );
      const read = toCollectionPage(expectOk(result, "collections.list()"));
      collections.push(...read.collections);
      nextToken = read.nextToken;
      if (nextToken === null) return collections;
      if (nextToken === token) break;
    }
    throw new ConfigError("collections.list() never ended: it kept naming a next page", {
      hint: "This is a fault of the service; report it to Personize. Nothing was sent.",
    });
  }

  async function send(batch: Batch, mapping: Mapping, passage: Passage, signal: AbortSignal): Promise<Delivery> {
    const settings = { source: options.sourceLabel, chunkSize: options.chunkSize };
    const result = await caller.call(
      {
        what: `when sent a batch of ${batch.rows.length} rows`,
        units: batch.units,
        carriesRows: true,
        // Made when it leaves: thousands of batches may wait for their turn.
        attempt: () => client.sendBatch(toBatchRequest(batch, mapping, settings)),
        leaving: () => passage.leaving(),
        async arrived(answer, ambiguous) {
          const acceptance = toAcceptance(answer, batch.rows.length, ambiguous);
          if (acceptance.state === "accepted") await passage.accepted(acceptance.eventId, ambiguous);
        },
      },
      signal,
    );
    if (!result.ok) {
      if (result.failure.kind === "absent" && !client.surfaceExists(result.failure))
        throw retired(options.baseUrl, result.failure.text);
      return {
        state: "refused",
        reason: `the destination refused the batch: ${result.failure.text}`,
        ambiguous: result.ambiguous,
      };
    }
    return toAcceptance(result.value, batch.rows.length, result.ambiguous);
  }

  async function lookup(identity: IdentityValue, memories: boolean, signal: AbortSignal): Promise<StoredRecord | null> {
    const found = await caller.call(
      {
        what: "when searched for a record",
        units: 1,
        carriesRows: false,
        attempt: () => client.search(toSearchRequest(identity)),
      },
      signal,
    );
    const record = toStoredRecord(expectOk(found, "a search"));
    if (record === null || !memories) return record;
    const digest = await caller.call(
      {
        what: "when asked for a record's digest",
        units: 1,
        carriesRows: false,
        attempt: () => client.smartDigest(toDigestRequest(identity)),
      },
      signal,
    );
    const list = digest.ok ? at(at(digest.value, "data"), "memories") : [];
    return { ...record, memoryCount: Array.isArray(list) ? list.length : 0 };
  }

  return {
    account: readAccount,
    collections: readCollections,
    send,
    outcomes: (accepted: ReadonlyMap<string, number>, signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>> =>
      events.read(accepted, signal),
    lookup,
    async remove(identity, reason, leaving, signal) {
      const record = await lookup(identity, false, signal);
      if (record === null) return "unseen";
      const request = toDeleteRequest(record.recordId, identity.entityType, reason);
      const result = await caller.call(
        {
          what: "when told to delete a record",
          units: 1,
          carriesRows: true,
          attempt: () => client.deleteRecord(request),
          leaving,
        },
        signal,
      );
      // Somebody else was faster, or an earlier try was applied and its answer lost.
      if (!result.ok && result.failure.kind === "absent" && client.surfaceExists(result.failure)) return "absent";
      expectOk(result, "the deletion of a record");
      return "deleted";
    },
    batchLimits(): BatchLimits {
      if (account === null) throw new ConfigError("me() has not been asked yet");
      const plan = delivery(account);
      caller.setPlan(plan.pace, account.callsPerMonth);
      return plan.limits;
    },
    spending: () => ({
      calls: caller.calls(),
      units: caller.units(),
      waitedMs: waits.waitedMs(),
      waitingFor: waits.waitingFor(),
      notices: [...notices, ...client.notices()],
    }),
    async memorize(item, signal) {
      const request = toMemorizeRequest(item);
      const result = await caller.call(
        { what: "when sent an item to memorize", units: 1, carriesRows: true, attempt: () => client.memorize(request) },
        signal,
      );
      const data = at(expectOk(result, "the item"), "data");
      return { eventId: toEventId(data), recordId: text(at(data, "recordId")) };
    },
  };
}

function retired(baseUrl: string, said: string): ConfigError {
  return new ConfigError(
    `${baseUrl} does not offer batch writes at the path that this version of @personize/sdk uses (${said})`,
    {
      hint: "The v1 paths may have been retired. Update @personize/sdk, or check personize.baseUrl.",
    },
  );
}
