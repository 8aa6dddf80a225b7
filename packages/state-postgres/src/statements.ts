import { toPaceStatements } from "@acme/sync-core/state";

/* Statements of the state store. The session fills in {schema} and {clock}. */

export const pace = toPaceStatements({
  table: "{schema}.pace",
  key: "$1::text",
  units: "$2::float8",
  waitMs: "$2::float8",
  limit: "$3::float8",
  burst: "$4::float8",
  now: "{clock}",
});

export const rate = "select *, {clock} as now from {schema}.pace where key = $1";

export const syncs = {
  byName: "select *, {clock} as now from {schema}.sync where name = $1",
  cursor: "select cursor from {schema}.sync where id = $1",
  names: "select name from {schema}.sync order by name",
  summary: `
    select sync.*, {clock} as now, (select count(*) from {schema}.batch where sync_id = sync.id) as batches
    from {schema}.sync as sync where name = $1`,
  lockByName: "select * from {schema}.sync where name = $1 for update",
  lockById: (id: number): string => `select * from {schema}.sync where id = ${id} for update`,
  clock: "select {clock} as now",
  add: `
    insert into {schema}.sync (name, fence, landed_rows, parked_rows) values ($1, 0, 0, 0)
    on conflict (name) do nothing`,
  hold: "update {schema}.sync set fence = fence + 1, holder = $1, held_until = $2, held_ttl = $3 where id = $4",
  renew: "update {schema}.sync set held_until = $1, held_ttl = $2 where id = $3",
  free: "update {schema}.sync set holder = null, held_until = null, held_ttl = null where id = $1 and fence = $2",
  clear: `
    update {schema}.sync set fence = fence + 1, holder = null, held_until = null, held_ttl = null,
      cursor = null, proved = null, landed_rows = 0, parked_rows = 0, enumeration = null, selection = null
    where id = $1`,
  moveCursor: "update {schema}.sync set cursor = $1, proved = coalesce($2, proved) where id = $3",
  keepSelection: "update {schema}.sync set selection = coalesce(selection, $1) where id = $2",
  moveEnumeration: "update {schema}.sync set enumeration = $1, selection = coalesce($2, selection) where id = $3",
  countRows: "update {schema}.sync set landed_rows = landed_rows + $1, parked_rows = parked_rows + $2 where id = $3",
};

/** Everything of a sync but its row and its receipts. */
export const tablesOfSync = [
  "landed_row",
  "parked_row",
  "batch",
  "echo",
  "seen_row",
  "gone_row",
  "left_record",
] as const;

export const rows = {
  known: `
    select asked.position::integer as position, landed.digest as landed,
           case when parked.key is not null then coalesce(parked.digest, ''::bytea) end as parked,
           landed.record as record, landed.whole_record as whole_record
    from unnest($2::text[]) with ordinality as asked(key, position)
    join {schema}.sync as sync on sync.name = $1
    left join {schema}.landed_row as landed on landed.sync_id = sync.id and landed.key = asked.key
    left join {schema}.parked_row as parked on parked.sync_id = sync.id and parked.key = asked.key
    where landed.key is not null or parked.key is not null`,
  addLanded: `
    insert into {schema}.landed_row (sync_id, key, whole_key, digest, record, whole_record)
    select $1::integer, key, whole_key, digest, record, whole_record
    from unnest($2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[])
      as given(key, whole_key, digest, record, whole_record)
    on conflict (sync_id, key) do nothing`,
  replaceLanded: `
    update {schema}.landed_row as landed set digest = given.digest
    from unnest($2::text[], $3::bytea[]) as given(key, digest)
    where landed.sync_id = $1 and landed.key = given.key and landed.digest <> given.digest`,
  distrustLanded: `
    update {schema}.landed_row as landed set digest = given.digest
    from unnest($2::text[], $3::bytea[]) as given(key, digest)
    where landed.sync_id = $1 and landed.key = given.key returning landed.key, landed.whole_key`,
  replaceLandedAs: `
    update {schema}.landed_row as landed
    set digest = given.digest, record = given.record, whole_record = given.whole_record
    from unnest($2::text[], $3::bytea[], $4::text[], $5::text[]) as given(key, digest, record, whole_record)
    where landed.sync_id = $1 and landed.key = given.key
      and (landed.digest <> given.digest or landed.record is distinct from given.record)`,
  identify: `
    update {schema}.landed_row as landed set record = given.record, whole_record = given.whole_record
    from unnest($2::text[], $3::text[], $4::text[]) as given(key, record, whole_record)
    where landed.sync_id = $1 and landed.key = given.key and landed.record is distinct from given.record`,
  leaveOtherRecords: `
    insert into {schema}.left_record (sync_id, record, whole_record)
    select distinct landed.sync_id, landed.record, landed.whole_record
    from unnest($2::text[], $3::text[]) as given(key, record)
    join {schema}.landed_row as landed on landed.sync_id = $1 and landed.key = given.key
    where landed.record <> given.record
    on conflict (sync_id, record) do update set missed_at = null, look_at = null`,
  dropLanded: "delete from {schema}.landed_row where sync_id = $1 and key = any($2::text[])",

  addParked: `
    insert into {schema}.parked_row (sync_id, key, whole_key, code, reason, digest, first_at, last_at)
    select $1::integer, key, whole_key, code, reason, digest, $7::bigint, $7::bigint
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[]) as given(key, whole_key, code, reason, digest)
    on conflict (sync_id, key) do nothing`,
  replaceParked: `
    update {schema}.parked_row as parked
    set code = given.code, reason = given.reason, digest = given.digest, last_at = $6::bigint
    from unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) as given(key, code, reason, digest)
    where parked.sync_id = $1 and parked.key = given.key`,
  dropParked: "delete from {schema}.parked_row where sync_id = $1 and key = any($2::text[])",
  parked: `
    select parked.* from {schema}.parked_row as parked join {schema}.sync as sync on sync.id = parked.sync_id
    where sync.name = $1 order by parked.key limit $2`,
};

export const batches = {
  add: `
    insert into {schema}.batch (sync_id, id, seq, written_at, rows, superseded, record_kind)
    select $1::integer, given.id, last.seq + given.position, $2::bigint, given.rows, given.superseded, given.record_kind
    from unnest($3::text[], $4::bytea[], $5::bytea[], $6::text[]) with ordinality
           as given(id, rows, superseded, record_kind, position),
         (select coalesce(max(seq), 0) as seq from {schema}.batch where sync_id = $1) as last
    on conflict (sync_id, id) do nothing`,
  send: "update {schema}.batch set sent_at = $1 where sync_id = $2 and id = $3",
  accept: `
    update {schema}.batch set sent_at = coalesce(sent_at, $1), event_id = $2, echo_until = $3
    where sync_id = $4 and id = $5`,
  drop: "delete from {schema}.batch where sync_id = $1 and id = $2",
  withdraw: "delete from {schema}.batch where sync_id = $1 and id = any($2::text[]) and event_id is null",
  inOrder: "select * from {schema}.batch where sync_id = $1 order by seq",
  ofSync: `
    select batch.id, batch.rows, batch.superseded from {schema}.batch
    join {schema}.sync on sync.id = batch.sync_id where sync.name = $1`,
  addEcho: `
    insert into {schema}.echo (sync_id, batch_id, until, rows)
    select sync_id, id, $1::bigint, rows from {schema}.batch where sync_id = $2 and id = $3
    on conflict (sync_id, batch_id) do update set until = excluded.until`,
  echoes: "select until, batch_id, rows from {schema}.echo where sync_id = $1 order by until, batch_id",
  dropSilentEchoes: "delete from {schema}.echo where sync_id = $1 and until <= $2",
};

export const receipts = {
  add: `
    insert into {schema}.receipt (sync_id, seq, receipt)
    select $1::integer, coalesce(max(seq), 0) + 1, $2 from {schema}.receipt where sync_id = $1`,
  dropOld: `
    delete from {schema}.receipt
    where sync_id = $1 and seq <= (select max(seq) from {schema}.receipt where sync_id = $1) - $2::bigint`,
  last: "select receipt from {schema}.receipt where sync_id = $1 order by seq desc limit 1",
  byName: `
    select receipt.receipt from {schema}.receipt as receipt join {schema}.sync as sync on sync.id = receipt.sync_id
    where sync.name = $1 order by receipt.seq desc limit $2`,
};

export const usage = {
  add: `
    insert into {schema}.quota_usage as used
      (pace_key, month, attempted, accepted, refused, unknown, provider_current, provider_limit)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (pace_key, month) do update set
      attempted = used.attempted + excluded.attempted,
      accepted = used.accepted + excluded.accepted,
      refused = used.refused + excluded.refused,
      unknown = used.unknown + excluded.unknown,
      provider_current = coalesce(excluded.provider_current, used.provider_current),
      provider_limit = coalesce(excluded.provider_limit, used.provider_limit)`,
  of: "select * from {schema}.quota_usage where pace_key = $1 and month = $2",
};

/** Landed rows that the enumeration has not shown, or that the source said were deleted since. */
const UNSEEN = `(
  not exists (select 1 from {schema}.seen_row as seen where seen.sync_id = landed.sync_id and seen.key = landed.key)
  or exists (select 1 from {schema}.gone_row as gone where gone.sync_id = landed.sync_id and gone.key = landed.key))`;

const GONE = `
  {schema}.gone_row as gone
  join {schema}.landed_row as landed on landed.sync_id = gone.sync_id and landed.key = gone.key`;

export const deletions = {
  status: `
    select enumeration, selection, landed_rows,
           exists (select 1 from {schema}.seen_row where sync_id = sync.id) as has_seen
    from {schema}.sync as sync where id = $1`,
  enumeration: "select enumeration from {schema}.sync where id = $1",
  addSeen: `
    insert into {schema}.seen_row (sync_id, key, whole_key)
    select $1::integer, key, whole_key from unnest($2::text[], $3::text[]) as given(key, whole_key)
    on conflict (sync_id, key) do nothing`,
  dropAllSeen: "delete from {schema}.seen_row where sync_id = $1",
  addGone: `
    insert into {schema}.gone_row (sync_id, key, whole_key)
    select sync_id, key, whole_key from {schema}.landed_row where sync_id = $1 and key = any($2::text[])
    on conflict (sync_id, key) do nothing`,
  dropGone: "delete from {schema}.gone_row where sync_id = $1 and key = any($2::text[])",
  dropSeen: "delete from {schema}.seen_row where sync_id = $1 and key = any($2::text[])",
  unseenRows: `
    select key, whole_key, record, whole_record from {schema}.landed_row as landed
    where sync_id = $1 and key >= $2 and ${UNSEEN} order by key limit $3`,
  goneRows: `
    select landed.key, landed.whole_key, landed.record, landed.whole_record from ${GONE}
    where gone.sync_id = $1 and gone.key >= $2 order by gone.key limit $3`,
  countUnseen: `select count(*) as count from {schema}.landed_row as landed where sync_id = $1 and ${UNSEEN}`,
  countGone: `select count(*) as count from ${GONE} where gone.sync_id = $1`,
  countUnidentified: "select count(*) as count from {schema}.landed_row where sync_id = $1 and record is null",
  dropUnidentified: "delete from {schema}.landed_row where sync_id = $1 and record is null",
  leaveRecords: `
    insert into {schema}.left_record (sync_id, record, whole_record)
    select distinct sync_id, record, whole_record from {schema}.landed_row
    where sync_id = $1 and key = any($2::text[]) and record is not null
    on conflict (sync_id, record) do update set missed_at = null, look_at = null`,
  dropShared: `
    delete from {schema}.left_record as behind
    where sync_id = $1 and exists (select 1 from {schema}.landed_row as landed where landed.record = behind.record)`,
  left: `
    select record, whole_record, missed_at from {schema}.left_record
    where sync_id = $1 and coalesce(look_at, 0) <= $2::bigint order by record limit $3`,
  miss: "update {schema}.left_record set missed_at = $3::bigint, look_at = $4::bigint where sync_id = $1 and record = $2",
  countLeft: `
    select count(*) - count(missed_at) as fresh, count(missed_at) as missed from {schema}.left_record as behind
    where sync_id = $1 and not exists (select 1 from {schema}.landed_row as landed where landed.record = behind.record)`,
  dropLeft: "delete from {schema}.left_record where sync_id = $1 and record = $2",
};

export const transfer = {
  setSync: `
    update {schema}.sync set fence = greatest(fence, $1), cursor = $2, proved = $3, enumeration = $4, selection = $5,
      holder = null, held_until = null, held_ttl = null where id = $6`,
  raiseFence: "update {schema}.sync set fence = fence + 1 where id = $1",
  recount: `
    update {schema}.sync as sync set
      landed_rows = (select count(*) from {schema}.landed_row where sync_id = sync.id),
      parked_rows = (select count(*) from {schema}.parked_row where sync_id = sync.id)
    where id = $1`,
  dropRecordsOf: `
    delete from {schema}.left_record
    where sync_id = $1
      and record in (select record from {schema}.landed_row where sync_id = $1 and key = any($2::text[]))`,
};

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
