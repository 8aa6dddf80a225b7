pragma application_id = 1398361667;
pragma user_version = 4;
CREATE TABLE sync (
    id integer not null primary key,
    name text not null unique,
    fence integer not null,
    holder text,
    held_until integer,
    held_ttl integer,
    cursor text,
    proved text,
    landed_rows integer not null,
    parked_rows integer not null
  , enumeration text, selection text) strict;
CREATE TABLE landed_row (
    sync_id integer not null,
    key text not null,
    digest blob not null, record text,
    primary key (sync_id, key)
  ) strict, without rowid;
CREATE TABLE parked_row (
    sync_id integer not null,
    key text not null,
    code text not null,
    reason text not null,
    digest blob,
    first_at integer not null,
    last_at integer not null,
    primary key (sync_id, key)
  ) strict, without rowid;
CREATE TABLE batch (
    sync_id integer not null,
    id text not null,
    seq integer not null,
    written_at integer not null,
    sent_at integer,
    event_id text,
    rows blob not null, superseded blob, echo_until integer,
    primary key (sync_id, id)
  ) strict;
CREATE UNIQUE INDEX batch_in_order on batch (sync_id, seq);
CREATE TABLE receipt (
    sync_id integer not null,
    seq integer not null,
    receipt text not null,
    primary key (sync_id, seq)
  ) strict;
CREATE TABLE pace (
    key text not null primary key,
    units_per_minute real,
    burst_units real,
    tat real not null,
    used_at real not null,
    seen_at real not null
  ) strict, without rowid;
CREATE TABLE quota_usage (
    pace_key text not null,
    month text not null,
    attempted real not null,
    accepted real not null,
    refused real not null,
    unknown real not null,
    provider_current real,
    provider_limit real,
    primary key (pace_key, month)
  ) strict, without rowid;
CREATE TABLE echo (
    sync_id integer not null,
    batch_id text not null,
    until integer not null,
    rows blob not null,
    primary key (sync_id, batch_id)
  ) strict;
CREATE INDEX landed_row_by_record on landed_row (record, sync_id) where record is not null;
CREATE TABLE seen_row (
    sync_id integer not null,
    key text not null,
    primary key (sync_id, key)
  ) strict, without rowid;
CREATE TABLE gone_row (
    sync_id integer not null,
    key text not null,
    primary key (sync_id, key)
  ) strict, without rowid;
CREATE TABLE left_record (
    sync_id integer not null,
    record text not null,
    primary key (sync_id, record)
  ) strict, without rowid;
CREATE TABLE queue_entry (
    id integer not null primary key autoincrement,
    sync text not null,
    kind text not null,
    triggered_by text not null,
    priority integer not null,
    due_at integer not null,
    enqueued_at integer not null,
    fence integer not null,
    holder text,
    held_until integer,
    held_ttl integer,
    taken_at integer,
    cancelled integer not null
  ) strict;
CREATE UNIQUE INDEX queue_entry_waiting on queue_entry (sync, kind) where holder is null;
CREATE UNIQUE INDEX queue_entry_running on queue_entry (sync) where holder is not null;
CREATE TABLE schedule (
    sync text not null primary key,
    expression text,
    fired_at integer,
    paused integer not null
  ) strict, without rowid;
CREATE TABLE run_note (
    sync text not null,
    seq integer not null,
    run_id text not null,
    triggered_by text not null,
    at integer not null,
    text text not null,
    primary key (sync, seq)
  ) strict, without rowid;
CREATE TABLE alert (
    sync text not null,
    kind text not null,
    text text not null,
    raised_at integer not null,
    told_at integer,
    primary key (sync, kind)
  ) strict, without rowid;
insert into "sync" (id, name, fence, holder, held_until, held_ttl, cursor, proved, landed_rows, parked_rows, enumeration, selection) values (1, cast(x'637573746f6d657273' as text), 1, null, null, null, cast(x'7b2276616c7565223a22323032362d31312d32385431313a30303a30305a222c226b6579223a2232227d' as text), cast(x'7b226669656c64223a22757064617465645f6174222c226166746572223a6e756c6c2c227468726f756768223a22323032362d31312d32385431313a30303a30305a227d' as text), 5, 1, null, null);
insert into "sync" (id, name, fence, holder, held_until, held_ttl, cursor, proved, landed_rows, parked_rows, enumeration, selection) values (2, cast(x'6465616c73' as text), 1, null, null, null, cast(x'22656e6422' as text), cast(x'7b226669656c64223a6e756c6c2c226166746572223a6e756c6c2c227468726f756768223a6e756c6c7d' as text), 2, 0, cast(x'636f6d706c657465' as text), cast(x'612073656c656374696f6e' as text));
insert into "landed_row" (sync_id, key, digest, record) values (1, cast(x'1a226e756c5c753030303022' as text), x'cd0798f9e2941f84b9f162a267d0b91de9b3314dbc28cd8185d3f82e09eca76d', null);
insert into "landed_row" (sync_id, key, digest, record) values (1, cast(x'31' as text), x'6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b', null);
insert into "landed_row" (sync_id, key, digest, record) values (1, cast(x'32' as text), x'd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35', null);
insert into "landed_row" (sync_id, key, digest, record) values (1, cast(x'37' as text), x'7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451', null);
insert into "landed_row" (sync_id, key, digest, record) values (1, cast(x'5a6fc3ab20f09f9982' as text), x'5e4afbf14a72c1faa82344293b641fa71b451dc4aa44f2549663998c687dbe7f', null);
insert into "landed_row" (sync_id, key, digest, record) values (2, cast(x'6431' as text), x'8b53639f152c8fc6ef30802fde462ba0be9cf085f7580dc69efd72e002abbb35', cast(x'7265636f726449643a6431' as text));
insert into "landed_row" (sync_id, key, digest, record) values (2, cast(x'6432' as text), x'e788103ee15318fcd2af9b73b4ebbb33a903b020de7b307d71f5fed0f433e548', cast(x'7265636f726449643a6432' as text));
insert into "parked_row" (sync_id, key, code, reason, digest, first_at, last_at) values (1, cast(x'33' as text), cast(x'52454655534544' as text), cast(x'656d61696c206973206e6f2061646472657373' as text), x'4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce', 1795867200000, 1795867200000);
insert into "batch" (sync_id, id, seq, written_at, sent_at, event_id, rows, superseded, echo_until) values (1, cast(x'73656e74' as text), 1, 1795867200000, 1795867200000, cast(x'6576745f31' as text), x'010101340b7265636f7264206f662034204b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a', null, 1795867800000);
insert into "batch" (sync_id, id, seq, written_at, sent_at, event_id, rows, superseded, echo_until) values (1, cast(x'77616974696e67' as text), 2, 1795867200000, null, null, x'010201350b7265636f7264206f66203520ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d01360b7265636f7264206f66203620e7f6c011776e8db7cd330b54174fd76f7d0216b612387a5ffcfb81e6f0919683', null, null);
insert into "receipt" (sync_id, seq, receipt) values (1, 1, cast(x'7b2273796e63223a22637573746f6d657273222c2272756e4964223a2272756e2d31222c22737461727465644174223a22323032362d31312d32385431313a35393a30302e3030305a222c2266696e69736865644174223a22323032362d31312d32385431323a30303a30302e3030305a222c226f7574636f6d65223a22646f6e652d776974682d7061726b6564222c2265786974436f6465223a342c226d657373616765223a22646f6e652c2077697468207061726b656420726f7773222c2268696e74223a6e756c6c2c226c616e64696e674d73223a313030302c2276657273696f6e73223a7b22636f7265223a22302e312e30222c22636f6e6e6563746f72223a22302e312e30222c2273646b223a22302e31382e30227d2c22636f6e666967446967657374223a22646967657374222c226f7267616e697a6174696f6e4964223a226f7267222c2270726f766564223a6e756c6c2c22726f7773223a7b2272656164223a372c22756e6368616e676564223a302c2266696c7465726564223a302c2273757065727365646564223a302c227061726b6564223a312c22756e73656e74223a302c2273656e74223a362c226c616e646564223a352c2272656675736564223a302c2264656c65746564223a307d2c2263616c6c73223a332c22756e697473223a392c227761697465644d73223a7b7d2c22616943686172616374657273223a302c22637572736f724265666f7265223a6e756c6c2c22637572736f724166746572223a7b2276616c7565223a22323032362d31312d32385431313a30303a30305a222c226b6579223a2232227d2c2270726576696f757352656365697074223a6e756c6c7d' as text));
insert into "pace" (key, units_per_minute, burst_units, tat, used_at, seen_at) values (cast(x'61206b6579' as text), 60, 1, 1795867203050.8474, 1795867200000, 1795867200000);
insert into "quota_usage" (pace_key, month, attempted, accepted, refused, unknown, provider_current, provider_limit) values (cast(x'61206b6579' as text), cast(x'323032362d3131' as text), 10, 8, 1, 1, 9, 10000);
insert into "echo" (sync_id, batch_id, until, rows) values (1, cast(x'6563686f696e67' as text), 1795867800000, x'010101370b7265636f7264206f662037207902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451');
insert into "seen_row" (sync_id, key) values (2, cast(x'6431' as text));
insert into "gone_row" (sync_id, key) values (2, cast(x'6432' as text));
