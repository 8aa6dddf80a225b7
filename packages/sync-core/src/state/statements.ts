import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { toPaceStatements } from "./pace.ts";
import { createQueries } from "./query.ts";

export type Statements = ReturnType<typeof prepareStatements>;

type Text = string;
type SyncId = number;
type PaceParameters = { readonly limit: number | null; readonly burst: number | null };
type Named<T> = readonly [T & Readonly<Record<string, SQLInputValue>>];

const pace = toPaceStatements({
  table: "pace",
  key: ":key",
  units: ":units",
  waitMs: ":waitMs",
  limit: ":limit",
  burst: ":burst",
  now: ":now",
});

/** Landed rows that the enumeration has not shown, or that the source said were deleted since. */
const UNSEEN = `(
  not exists (select 1 from seen_row where seen_row.sync_id = landed_row.sync_id and seen_row.key = landed_row.key)
  or exists (select 1 from gone_row where gone_row.sync_id = landed_row.sync_id and gone_row.key = landed_row.key))`;

/** Every statement of the store, prepared once. Rows are typed by what the statement selects. */
export function prepareStatements(db: DatabaseSync) {
  const query = createQueries(db);
  return {
    syncByName: query<[Text], SyncRow>("select * from sync where name = ?"),
    syncById: query<[SyncId], SyncRow>("select * from sync where id = ?"),
    syncNames: query<[], { name: string }>("select name from sync order by name"),
    addSync: query<[Text]>(
      `insert into sync (id, name, fence, landed_rows, parked_rows)
       select coalesce(max(id), 0) + 1, ?, 0, 0, 0 from sync`,
    ),
    holdSync: query<[holder: Text, until: number, ttl: number, SyncId]>(
      "update sync set fence = fence + 1, holder = ?, held_until = ?, held_ttl = ? where id = ?",
    ),
    renewSync: query<[until: number, ttl: number, SyncId]>("update sync set held_until = ?, held_ttl = ? where id = ?"),
    freeSync: query<[SyncId, fence: number]>(
      "update sync set holder = null, held_until = null, held_ttl = null where id = ? and fence = ?",
    ),
    clearSync: query<[SyncId]>(
      `update sync set fence = fence + 1, holder = null, held_until = null, held_ttl = null,
         cursor = null, proved = null, landed_rows = 0, parked_rows = 0, enumeration = null, selection = null
       where id = ?`,
    ),
    moveCursor: query<[cursor: Text, proved: Text | null, SyncId]>(
      "update sync set cursor = ?, proved = coalesce(?, proved) where id = ?",
    ),
    countRows: query<[landed: number, parked: number, SyncId]>(
      "update sync set landed_rows = landed_rows + ?, parked_rows = parked_rows + ? where id = ?",
    ),

    knownRows: query<
      [keys: Text, SyncId, SyncId],
      { position: number; landed: Uint8Array | null; parked: Uint8Array | null; record: string | null }
    >(
      `select asked.key as position, landed_row.digest as landed, landed_row.record as record,
              case when parked_row.key is not null then coalesce(parked_row.digest, x'') end as parked
       from json_each(?) as asked
       left join landed_row on landed_row.sync_id = ? and landed_row.key = asked.value
       left join parked_row on parked_row.sync_id = ? and parked_row.key = asked.value
       where landed_row.key is not null or parked_row.key is not null`,
    ),
    addLanded: query<[SyncId, key: Text, Uint8Array, record: Text | null]>(
      "insert into landed_row (sync_id, key, digest, record) values (?, ?, ?, ?) on conflict (sync_id, key) do nothing",
    ),
    replaceLanded: query<[Uint8Array, SyncId, key: Text, unless: Uint8Array]>(
      "update landed_row set digest = ? where sync_id = ? and key = ? and digest <> ?",
    ),
    distrustLanded: query<[Uint8Array, SyncId, key: Text]>(
      "update landed_row set digest = ? where sync_id = ? and key = ?",
    ),
    replaceLandedAs: query<
      [Uint8Array, record: Text | null, SyncId, key: Text, unless: Uint8Array, orElse: Text | null]
    >(
      `update landed_row set digest = ?, record = ?
       where sync_id = ? and key = ? and (digest <> ? or record is not ?)`,
    ),
    leaveOtherRecord: query<[SyncId, key: Text, unless: Text]>(
      `insert into left_record (sync_id, record)
       select sync_id, record from landed_row where sync_id = ? and key = ? and record is not null and record <> ?
       on conflict (sync_id, record) do update set missed_at = null, look_at = null`,
    ),
    identify: query<[record: Text, SyncId, key: Text, unless: Text]>(
      "update landed_row set record = ? where sync_id = ? and key = ? and record is not ?",
    ),
    dropLanded: query<[SyncId, key: Text]>("delete from landed_row where sync_id = ? and key = ?"),
    dropAllLanded: query<[SyncId]>("delete from landed_row where sync_id = ?"),

    keepSelection: query<[selection: Text, SyncId]>("update sync set selection = coalesce(selection, ?) where id = ?"),
    moveEnumeration: query<[enumeration: Text | null, selection: Text | null, SyncId]>(
      "update sync set enumeration = ?, selection = coalesce(?, selection) where id = ?",
    ),
    addSeen: query<[SyncId, key: Text]>(
      "insert into seen_row (sync_id, key) values (?, ?) on conflict (sync_id, key) do nothing",
    ),
    anySeen: query<[SyncId], { key: string }>("select key from seen_row where sync_id = ? limit 1"),
    dropAllSeen: query<[SyncId]>("delete from seen_row where sync_id = ?"),
    addGone: query<[SyncId, key: Text]>(
      `insert into gone_row (sync_id, key) select sync_id, key from landed_row where sync_id = ? and key = ?
       on conflict (sync_id, key) do nothing`,
    ),
    anyGone: query<[SyncId], { key: string }>("select key from gone_row where sync_id = ? limit 1"),
    dropGone: query<[SyncId, key: Text]>("delete from gone_row where sync_id = ? and key = ?"),
    dropAllGone: query<[SyncId]>("delete from gone_row where sync_id = ?"),
    unseenRows: query<[SyncId, from: Text, limit: number], AbsentRowRow>(
      `select key, record from landed_row
       where sync_id = ? and key >= ? and ${UNSEEN} order by key limit ?`,
    ),
    goneRows: query<[SyncId, from: Text, limit: number], AbsentRowRow>(
      `select landed_row.key, landed_row.record from gone_row
       join landed_row on landed_row.sync_id = gone_row.sync_id and landed_row.key = gone_row.key
       where gone_row.sync_id = ? and gone_row.key >= ? order by gone_row.key limit ?`,
    ),
    countUnseen: query<[SyncId], { rows: number }>(
      `select count(*) as rows from landed_row where sync_id = ? and ${UNSEEN}`,
    ),
    countGone: query<[SyncId], { rows: number }>(
      `select count(*) as rows from gone_row
       join landed_row on landed_row.sync_id = gone_row.sync_id and landed_row.key = gone_row.key
       where gone_row.sync_id = ?`,
    ),
    countUnidentified: query<[SyncId], { rows: number }>(
      "select count(*) as rows from landed_row where sync_id = ? and record is null",
    ),
    dropUnidentified: query<[SyncId]>("delete from landed_row where sync_id = ? and record is null"),
    dropSeen: query<[SyncId, key: Text]>("delete from seen_row where sync_id = ? and key = ?"),
    dropRecordOf: query<[SyncId, of: SyncId, key: Text]>(
      `delete from left_record where sync_id = ?
       and record = (select record from landed_row where sync_id = ? and key = ?)`,
    ),
    leaveRecord: query<[SyncId, key: Text]>(
      `insert into left_record (sync_id, record)
       select sync_id, record from landed_row where sync_id = ? and key = ? and record is not null
       on conflict (sync_id, record) do update set missed_at = null, look_at = null`,
    ),
    dropShared: query<[SyncId]>(
      `delete from left_record where sync_id = ?
       and exists (select 1 from landed_row where landed_row.record = left_record.record)`,
    ),
    leftRecords: query<[SyncId, now: number, limit: number], { record: string; missed_at: number | null }>(
      `select record, missed_at from left_record
       where sync_id = ? and coalesce(look_at, 0) <= ? order by record limit ?`,
    ),
    missLeft: query<[missedAt: number, lookAt: number, SyncId, record: Text]>(
      "update left_record set missed_at = ?, look_at = ? where sync_id = ? and record = ?",
    ),
    countLeft: query<[SyncId], { fresh: number; missed: number }>(
      `select count(*) - count(missed_at) as fresh, count(missed_at) as missed from left_record where sync_id = ?
       and not exists (select 1 from landed_row where landed_row.record = left_record.record)`,
    ),
    dropLeft: query<[SyncId, record: Text]>("delete from left_record where sync_id = ? and record = ?"),
    dropAllLeft: query<[SyncId]>("delete from left_record where sync_id = ?"),

    addParked: query<[SyncId, key: Text, code: Text, reason: Text, digest: Uint8Array | null, at: number, at: number]>(
      `insert into parked_row (sync_id, key, code, reason, digest, first_at, last_at) values (?, ?, ?, ?, ?, ?, ?)
       on conflict (sync_id, key) do nothing`,
    ),
    replaceParked: query<[code: Text, reason: Text, digest: Uint8Array | null, at: number, SyncId, key: Text]>(
      "update parked_row set code = ?, reason = ?, digest = ?, last_at = ? where sync_id = ? and key = ?",
    ),
    dropParked: query<[SyncId, key: Text]>("delete from parked_row where sync_id = ? and key = ?"),
    dropAllParked: query<[SyncId]>("delete from parked_row where sync_id = ?"),
    parkedRows: query<[name: Text, limit: number], ParkedRowRow>(
      `select parked_row.* from parked_row join sync on sync.id = parked_row.sync_id
       where sync.name = ? order by parked_row.key limit ?`,
    ),

    addBatch: query<
      [SyncId, id: Text, seqOf: SyncId, at: number, rows: Uint8Array, superseded: Uint8Array | null, recordKind: Text]
    >(
      `insert into batch (sync_id, id, seq, written_at, rows, superseded, record_kind)
       values (?, ?, (select coalesce(max(seq), 0) + 1 from batch where sync_id = ?), ?, ?, ?, ?)
       on conflict (sync_id, id) do nothing`,
    ),
    sendBatch: query<[at: number, SyncId, id: Text]>("update batch set sent_at = ? where sync_id = ? and id = ?"),
    acceptBatch: query<[at: number, eventId: Text, echoUntil: number | null, SyncId, id: Text]>(
      "update batch set sent_at = coalesce(sent_at, ?), event_id = ?, echo_until = ? where sync_id = ? and id = ?",
    ),
    dropBatch: query<[SyncId, id: Text]>("delete from batch where sync_id = ? and id = ?"),
    withdrawBatch: query<[SyncId, id: Text]>("delete from batch where sync_id = ? and id = ? and event_id is null"),
    addEcho: query<[until: number, SyncId, id: Text]>(
      `insert into echo (sync_id, batch_id, until, rows)
       select sync_id, id, ?, rows from batch where sync_id = ? and id = ?
       on conflict (sync_id, batch_id) do update set until = excluded.until`,
    ),
    echoes: query<[SyncId], { until: number; batch_id: string; rows: Uint8Array }>(
      "select until, batch_id, rows from echo where sync_id = ? order by until, batch_id",
    ),
    dropSilentEchoes: query<[SyncId, now: number]>("delete from echo where sync_id = ? and until <= ?"),
    dropAllEchoes: query<[SyncId]>("delete from echo where sync_id = ?"),
    dropAllBatches: query<[SyncId]>("delete from batch where sync_id = ?"),
    countBatches: query<[SyncId], { batches: number }>("select count(*) as batches from batch where sync_id = ?"),
    batchesInOrder: query<[SyncId], BatchRow>("select * from batch where sync_id = ? order by seq"),

    addReceipt: query<[SyncId, seqOf: SyncId, receipt: Text]>(
      `insert into receipt (sync_id, seq, receipt)
       values (?, (select coalesce(max(seq), 0) + 1 from receipt where sync_id = ?), ?)`,
    ),
    dropOldReceipts: query<[SyncId, seqOf: SyncId, kept: number]>(
      "delete from receipt where sync_id = ? and seq <= (select max(seq) from receipt where sync_id = ?) - ?",
    ),
    lastReceipt: query<[SyncId], { receipt: string }>(
      "select receipt from receipt where sync_id = ? order by seq desc limit 1",
    ),
    receiptsByName: query<[name: Text, limit: number], { receipt: string }>(
      `select receipt from receipt join sync on sync.id = receipt.sync_id
       where sync.name = ? order by receipt.seq desc limit ?`,
    ),

    reserve: query<Named<{ key: string; now: number; units: number } & PaceParameters>, { wait_ms: number }>(
      pace.reserve,
    ),
    reserveAgain: query<Named<{ key: string; now: number; units: number } & PaceParameters>, { wait_ms: number }>(
      pace.reserveAgain,
    ),
    penalize: query<Named<{ key: string; now: number; waitMs: number } & PaceParameters>>(pace.penalize),

    rate: query<[Text], RateRow>("select * from pace where key = ?"),

    addUsage: query<
      [
        Text,
        month: Text,
        attempted: number,
        accepted: number,
        refused: number,
        unknown: number,
        current: number | null,
        limit: number | null,
      ]
    >(
      `insert into quota_usage
         (pace_key, month, attempted, accepted, refused, unknown, provider_current, provider_limit)
       values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (pace_key, month) do update set
         attempted = quota_usage.attempted + excluded.attempted,
         accepted = quota_usage.accepted + excluded.accepted,
         refused = quota_usage.refused + excluded.refused,
         unknown = quota_usage.unknown + excluded.unknown,
         provider_current = coalesce(excluded.provider_current, quota_usage.provider_current),
         provider_limit = coalesce(excluded.provider_limit, quota_usage.provider_limit)`,
    ),
    usage: query<[Text, month: Text], UsageRow>("select * from quota_usage where pace_key = ? and month = ?"),
  };
}

export interface SyncRow {
  readonly id: number;
  readonly name: string;
  readonly fence: number;
  readonly holder: string | null;
  readonly held_until: number | null;
  readonly held_ttl: number | null;
  readonly cursor: string | null;
  readonly proved: string | null;
  readonly landed_rows: number;
  readonly parked_rows: number;
  readonly enumeration: "open" | "complete" | "ended" | null;
  readonly selection: string | null;
}

interface AbsentRowRow {
  readonly key: string;
  readonly record: string | null;
}

interface ParkedRowRow {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly first_at: number;
  readonly last_at: number;
}

interface BatchRow {
  readonly id: string;
  readonly written_at: number;
  readonly sent_at: number | null;
  readonly event_id: string | null;
  readonly rows: Uint8Array;
  readonly superseded: Uint8Array | null;
  readonly record_kind: string | null;
  readonly echo_until: number | null;
}

interface RateRow {
  readonly units_per_minute: number | null;
  readonly burst_units: number | null;
  readonly tat: number;
  readonly used_at: number;
  readonly seen_at: number;
}

interface UsageRow {
  readonly attempted: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
  readonly provider_current: number | null;
  readonly provider_limit: number | null;
}
