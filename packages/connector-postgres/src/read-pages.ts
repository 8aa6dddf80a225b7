import {
  ConfigError,
  type Cursor,
  type Json,
  type Page,
  type ProvedInterval,
  type Row,
  type Runtime,
  type Stream,
} from "@acme/sync-core";
import type { PostgresClient, Subject, TextPage, TextRow, Transaction } from "./client.ts";
import type { PostgresConfig } from "./config.ts";
import {
  type CursorKind,
  type FullCursor,
  fromIsoMicros,
  type IncrementalCursor,
  parseFullCursor,
  parseIncrementalCursor,
  roundingMicros,
  toIsoMicros,
  toRowKey,
} from "./cursor.ts";
import { combine, type Horizon, observe, toSafeMicros } from "./horizon.ts";
import {
  type Bound,
  cursorBounds,
  fullPage,
  greatestCursor,
  incrementalPage,
  lastKey,
  nullKeyProbe,
  outsidePage,
  outsideProbe,
  type OutsideRows,
  type Statement,
  toShortName,
} from "./query.ts";
import { hidesRows } from "./row-security.ts";
import { type Column, isProvenKey, pickColumns, type Relation, toCursorKind, whyUnreadable } from "./streams.ts";
import { type Converter, toConverter } from "./values.ts";

export interface ReadPorts {
  readonly client: PostgresClient;
  readonly config: PostgresConfig;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

/** What a pass reads, with everything chosen that does not change from row to row. */
export interface ReadPlan {
  readonly relation: Relation;
  readonly subject: Subject;
  /** The fields asked for, then whatever else the position needs. */
  readonly select: readonly string[];
  readonly fieldNames: readonly string[];
  readonly converters: readonly (Converter | null)[];
  readonly key: readonly Column[];
  readonly keyAt: readonly number[];
  readonly isKeyProven: boolean;
  readonly cursor: CursorPlan | null;
}

interface CursorPlan {
  readonly column: Column;
  readonly kind: CursorKind;
  readonly at: number;
  readonly toJson: Converter | null;
}

/** Pause between the two looks at the open transactions; see horizon.ts. */
const OBSERVATION_PAUSE_MS = 25;
/** How long a value that is no time may take to become safe within a run. */
const VALUE_WAIT_MS = 3000;
const VALUE_WAIT_STEP_MS = 50;
/** Rows dated further ahead than this are read on every run: their time may never come. */
const FAR_AHEAD_MICROS = 86_400_000_000n;

/**
 * Holds what the engine asked for against the table as it is now.
 * @throws ConfigError when a field, a key or the cursor is gone or cannot be read.
 */
export function planRead(relation: Relation, stream: Stream, user: string): ReadPlan {
  const fields = pickColumns(
    relation,
    stream.fields.map((field) => field.name),
    "the mapping",
  );
  for (const field of fields) {
    const reason = whyUnreadable(relation, field, user);
    if (reason !== null) {
      throw new ConfigError(`${relation.name}.${field.name} cannot be read: ${reason}`, {
        hint: "Remove the field from the mapping, or do what is said above.",
      });
    }
  }
  const key = pickColumns(relation, stream.key, "key");
  const cursorColumn = stream.cursorField === null ? null : pickColumns(relation, [stream.cursorField], "cursor")[0];
  const select = fields.map((field) => field.name);
  const place = (name: string): number => {
    const found = select.indexOf(name);
    return found === -1 ? select.push(name) - 1 : found;
  };
  return {
    relation,
    subject: toSubject(relation),
    keyAt: key.map((column) => place(column.name)),
    cursor: cursorColumn === null || cursorColumn === undefined ? null : toCursorPlan(relation, cursorColumn, place),
    select,
    fieldNames: fields.map((field) => field.name),
    converters: fields.map((field) => toConverter(field.valueType)),
    key,
    isKeyProven: isProvenKey(relation, stream.key),
  };
}

export function toSubject(relation: Relation): Subject {
  const { table } = relation;
  return {
    doing: `reading ${table === null ? "the query" : relation.name}`,
    relation: table === null ? null : { schema: toShortName(table.schema), table: toShortName(table.name) },
  };
}

function toCursorPlan(relation: Relation, column: Column, place: (name: string) => number): CursorPlan {
  const kind = toCursorKind(column);
  if (kind === null) {
    throw new ConfigError(
      `${relation.name}.${column.name} cannot be the cursor: values of type ${column.sourceType} do not rise with every change`,
      { hint: "Choose a timestamp or a number from a sequence, or leave cursor out to compare the whole table." },
    );
  }
  return { column, kind, at: place(column.name), toJson: toConverter(column.valueType) };
}

/** The pages of one pass. */
export async function* readPages(plan: ReadPlan, after: Cursor | null, ports: ReadPorts): AsyncGenerator<Page> {
  const pages =
    plan.cursor === null ? readInFull(plan, after, ports) : readIncrementally(plan, plan.cursor, after, ports);
  for await (const page of pages) yield page.proved === null ? page : await unlessHidden(plan, page, ports);
}

/** Nothing is proved complete while rows may be hidden: what is not seen would be taken for deleted. */
async function unlessHidden(plan: ReadPlan, page: Page, ports: ReadPorts): Promise<Page> {
  if (!(await within(plan, ports, (transaction) => hidesRows(transaction, plan.relation.from)))) return page;
  const notice = `row security hides rows of ${plan.relation.name} from ${toShortName(ports.client.settings.user)}: nothing is proved complete, and rows that are not seen do not count as deleted`;
  return { ...page, proved: null, notices: [...(page.notices ?? []), notice] };
}

async function* readInFull(plan: ReadPlan, after: Cursor | null, ports: ReadPorts): AsyncGenerator<Page> {
  const { relation, key } = plan;
  const start = parseFullCursor(after, { stream: relation.name, cursorField: null, keyFields: key.map((k) => k.name) });
  await refuseNullKeys(plan, ports);
  const end = start.end ?? (await within(plan, ports, (transaction) => readLastKey(transaction, plan)));
  const proved: ProvedInterval = { field: null, after: null, through: null };
  if (end === null) {
    const cursor: FullCursor = { ...start, done: true };
    yield { rows: [], cursor, bytes: 0, proved };
    return;
  }
  const statement = (position: readonly string[] | null, limit: number): Statement =>
    fullPage({ from: relation.from, select: plan.select, key, after: position, end, limit });
  for await (const part of readParts(plan, plan.keyAt, start.after, statement, ports)) {
    const cursor: FullCursor = {
      ...start,
      end,
      after: part.position === null ? start.after : [...part.position],
      done: part.isLast,
    };
    yield { rows: part.rows, cursor, bytes: part.bytes, proved: part.isLast ? proved : null };
  }
}

async function* readIncrementally(
  plan: ReadPlan,
  cursorPlan: CursorPlan,
  after: Cursor | null,
  ports: ReadPorts,
): AsyncGenerator<Page> {
  const { relation, key, select } = plan;
  const { column } = cursorPlan;
  const { from } = relation;
  let state = parseIncrementalCursor(after, {
    stream: relation.name,
    cursorField: column.name,
    keyFields: key.map((keyColumn) => keyColumn.name),
  });
  const startedFrom = state;
  await refuseNullKeys(plan, ports);
  const window = await findWindow(plan, cursorPlan, state, ports);
  const notices = window.notices.length === 0 ? {} : { notices: window.notices };
  let hasYielded = false;

  // First the rows that paging by cursor never meets: a change from null to a value made meanwhile is still ahead of us then.
  if (state.outside !== "done" && (await hasOutside(plan, cursorPlan, window.outside, ports))) {
    const statement = (position: readonly string[] | null, limit: number): Statement =>
      outsidePage({ from, select, cursor: column, key, outside: window.outside, after: position, limit });
    const position = state.outside === null ? null : state.outside.key;
    for await (const part of readParts(plan, plan.keyAt, position, statement, ports)) {
      if (part.position !== null) state = { ...state, outside: part.isLast ? "done" : { key: [...part.position] } };
      if (part.rows.length === 0) continue;
      hasYielded = true;
      yield { rows: part.rows, cursor: state, bytes: part.bytes, proved: null, ...notices };
    }
  }

  const end: IncrementalCursor = { ...state, outside: null, pending: window.pending };
  const { bound } = window;
  if (bound === null) {
    const learned =
      JSON.stringify(window.pending) !== JSON.stringify(startedFrom.pending) || startedFrom.outside !== null;
    if (hasYielded || learned || window.notices.length > 0)
      yield { rows: [], cursor: end, bytes: 0, proved: null, ...notices };
    return;
  }
  const proved: ProvedInterval = {
    field: column.name,
    after: state.provedThrough === null ? null : toJsonText(cursorPlan, state.provedThrough),
    through: toJsonText(cursorPlan, bound.value),
    ...(bound.inclusive ? {} : { throughExclusive: true }),
  };
  const provedThrough = window.isNewer ? bound.value : state.provedThrough;
  const statement = (position: readonly string[] | null, limit: number): Statement =>
    incrementalPage({ from, select, cursor: column, key, after: position, bound, limit });
  const startAt = state.position === null ? null : [state.position.cursor, ...state.position.key];
  for await (const part of readParts(plan, [cursorPlan.at, ...plan.keyAt], startAt, statement, ports)) {
    const [value, ...keyValues] = part.position ?? [];
    const position = value === undefined ? state.position : { cursor: value, key: keyValues };
    if (!part.isLast) {
      state = { ...state, outside: "done", position };
      hasYielded = true;
      yield { rows: part.rows, cursor: state, bytes: part.bytes, proved: null, ...notices };
      continue;
    }
    const isWorthSaying =
      part.rows.length > 0 || hasYielded || window.isNewer || window.notices.length > 0 || startedFrom.outside !== null;
    if (!isWorthSaying) return;
    const cursor: IncrementalCursor = { ...end, position, provedThrough };
    yield { rows: part.rows, cursor, bytes: part.bytes, proved: window.isNewer ? proved : null, ...notices };
  }
}

function toJsonText(cursor: CursorPlan, text: string): string {
  const value = cursor.toJson === null ? text : cursor.toJson(text);
  return typeof value === "string" ? value : JSON.stringify(value);
}

interface Part {
  readonly rows: readonly Row[];
  readonly bytes: number;
  /** The last row's position; null when there is no row. */
  readonly position: readonly string[] | null;
  readonly isLast: boolean;
}

/** Pages of one statement, each in a transaction of its own, until there is no more. The last may be empty. */
async function* readParts(
  plan: ReadPlan,
  positionAt: readonly number[],
  after: readonly string[] | null,
  statement: (position: readonly string[] | null, limit: number) => Statement,
  ports: ReadPorts,
): AsyncGenerator<Part> {
  const { pageRows, pageBytes } = ports.config;
  let position = after;
  let expectedRowBytes = 0;
  for (;;) {
    const { text, values } = statement(position, pageRows + 1);
    const limits = { maxRows: pageRows, maxBytes: pageBytes, expectedRowBytes };
    const page = await within(plan, ports, (transaction) => transaction.page(text, values, limits));
    if (!plan.isKeyProven) refuseTwins(plan, positionAt, page);
    const last = page.rows[page.rows.length - 1];
    const reached = last === undefined ? null : toPosition(plan, positionAt, last);
    if (page.rows.length > 0) expectedRowBytes = page.bytes / page.rows.length;
    yield { rows: toRows(plan, page.rows), bytes: page.bytes, position: reached, isLast: page.next === null };
    if (page.next === null) return;
    position = reached ?? position;
  }
}

/** The hot path: no closure and no regular expression a row. */
export function toRows(plan: ReadPlan, texts: readonly TextRow[]): readonly Row[] {
  const { fieldNames, converters, keyAt } = plan;
  const count = fieldNames.length;
  const onlyKeyAt = keyAt.length === 1 ? keyAt[0] : undefined;
  const rows: Row[] = [];
  for (const text of texts) {
    const fields: Record<string, Json> = {};
    for (let index = 0; index < count; index += 1) {
      const value = text[index] ?? null;
      const converter = converters[index] ?? null;
      fields[fieldNames[index] ?? ""] = value === null || converter === null ? value : converter(value);
    }
    const key = onlyKeyAt === undefined ? null : (text[onlyKeyAt] ?? null);
    rows.push({ key: key ?? toRowKey(toPosition(plan, keyAt, text)), fields });
  }
  return rows;
}

function toPosition(plan: ReadPlan, at: readonly number[], row: TextRow): readonly string[] {
  return at.map((index) => {
    const value = row[index];
    if (value === null || value === undefined) throw nullKey(plan);
    return value;
  });
}

/**
 * Two rows of one position: paging could lose one of them between two pages.
 * @throws ConfigError that says so.
 */
function refuseTwins(plan: ReadPlan, at: readonly number[], page: TextPage): void {
  let before: TextRow | null = null;
  for (const row of page.next === null ? page.rows : [...page.rows, page.next]) {
    const other = before;
    if (other !== null && at.every((index) => row[index] === other[index])) {
      const names = plan.key.map((column) => column.name).join(", ");
      throw new ConfigError(
        `key (${names}) does not identify a row of ${plan.relation.name}: two rows share their values`,
        {
          hint: "Set key to columns that together differ in every row.",
        },
      );
    }
    before = row;
  }
}

function nullKey(plan: ReadPlan): ConfigError {
  const names = plan.key.filter((column) => column.nullable).map((column) => column.name);
  return new ConfigError(`key (${names.join(", ")}) is null in a row of ${plan.relation.name}`, {
    hint: "Set key to columns that are never null, or leave such rows out with a query.",
  });
}

/** Null compares with nothing, so a row without a key could fall between two pages unseen. */
async function refuseNullKeys(plan: ReadPlan, ports: ReadPorts): Promise<void> {
  const nullable = plan.key.filter((column) => column.nullable).map((column) => column.name);
  if (nullable.length === 0) return;
  const { text, values } = nullKeyProbe(plan.relation.from, nullable);
  const found = await within(plan, ports, (transaction) => transaction.rows(text, values));
  if (found.length > 0) throw nullKey(plan);
}

async function readLastKey(transaction: Transaction, plan: ReadPlan): Promise<string[] | null> {
  const { text } = lastKey(plan.relation.from, plan.key);
  const [row] = await transaction.rows(text);
  if (row === undefined) return null;
  return plan.key.map((column) => {
    const value = row[column.name];
    if (value === null || value === undefined) throw nullKey(plan);
    return value;
  });
}

function within<Result>(
  plan: ReadPlan,
  ports: ReadPorts,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return ports.client.transaction(plan.subject, ports.signal, work);
}

async function hasOutside(
  plan: ReadPlan,
  cursor: CursorPlan,
  outside: OutsideRows,
  ports: ReadPorts,
): Promise<boolean> {
  if (!outside.nulls && outside.from === null) return false;
  const { text, values } = outsideProbe(plan.relation.from, cursor.column, outside);
  const found = await within(plan, ports, (transaction) => transaction.rows(text, values));
  return found.length > 0;
}

/** What a pass may read by cursor. */
interface Window {
  /** null: nothing is proved complete yet. */
  readonly bound: Bound | null;
  /** Whether the bound lies beyond what earlier passes proved. */
  readonly isNewer: boolean;
  readonly outside: OutsideRows;
  readonly pending: IncrementalCursor["pending"];
  readonly notices: readonly string[];
}

function findWindow(plan: ReadPlan, cursor: CursorPlan, state: IncrementalCursor, ports: ReadPorts): Promise<Window> {
  const { kind } = cursor;
  return kind === "value"
    ? findValueWindow(plan, cursor, state, ports)
    : findTimeWindow(plan, cursor, kind, state, ports);
}

async function look(plan: ReadPlan, ports: ReadPorts): Promise<Horizon> {
  // A transaction of its own: within one, the server shows the same picture of the activity again and again.
  return within(plan, ports, (transaction) => observe(transaction, ports.config.lagMs ?? null));
}

/** Says why reads stay behind the clock, where it is not a transaction that can be named. */
function toNotices(horizon: Horizon, user: string): readonly string[] {
  if (horizon.basis === "activity") return horizon.notices;
  const why =
    horizon.basis === "standby"
      ? "this server is a standby, where open transactions cannot be seen"
      : `${horizon.hiddenSessions} sessions of other roles hide their transactions; \`grant pg_read_all_stats to ${toShortName(user)}\` makes reading exact`;
  return [`reading stays ${Math.round(horizon.unseenLagMs / 1000)} s behind: ${why}`, ...horizon.notices];
}

/**
 * The window of a column of times: everything below the horizon, less what the column rounds off.
 *
 * A `timestamp` or `date` holds the wall clock of some zone. Where that zone sets its clock back an hour, times come
 * around again: during the hour before, the bound already stays an hour behind, so that it never passes a time that can still
 * be written.
 */
async function findTimeWindow(
  plan: ReadPlan,
  cursor: CursorPlan,
  kind: Exclude<CursorKind, "value">,
  state: IncrementalCursor,
  ports: ReadPorts,
): Promise<Window> {
  const first = await look(plan, ports);
  await ports.runtime.sleep(OBSERVATION_PAUSE_MS, ports.signal);
  const horizon = combine(first, await look(plan, ports));
  const boundMicros = toSafeMicros(horizon) - roundingMicros(cursor.column.precision);
  const farMicros = horizon.clockMicros + FAR_AHEAD_MICROS;
  const zone = ports.config.cursorTimeZone ?? null;
  const row = await within(plan, ports, async (transaction) => {
    const zoneName = zone ?? (kind === "timestamptz" ? "UTC" : await readServerZone(transaction));
    const values = [toIsoMicros(boundMicros), toIsoMicros(farMicros), state.provedThrough ?? "-infinity", zoneName];
    const [only] = await transaction.rows(cursorBounds(kind), values);
    return only;
  });
  return {
    bound: { value: row?.["bound"] ?? "-infinity", inclusive: false },
    isNewer: row?.["newer"] === "true",
    outside: { nulls: cursor.column.nullable, from: row?.["far"] ?? "infinity" },
    pending: null,
    notices: toNotices(horizon, ports.client.settings.user),
  };
}

async function readServerZone(transaction: Transaction): Promise<string> {
  // The transaction itself runs in UTC; what sessions start with is the reset value.
  const [row] = await transaction.rows("select reset_val from pg_settings where name = 'TimeZone'");
  return row?.["reset_val"] ?? "UTC";
}

/**
 * The window of a column that is no time: a value v is complete once every transaction that may have taken a smaller one has
 * ended. The greatest visible value is read first and the clock after it; whoever took a smaller value had begun before
 * that moment, since values are handed out in rising order. So v is safe as soon as the horizon has passed the moment.
 *
 * When that does not happen within {@link VALUE_WAIT_MS}, reading stops at the value proved last, and the pair goes into
 * the cursor: a later run finds it safe. An old pair is kept until then, for a newer one would take longer.
 */
async function findValueWindow(
  plan: ReadPlan,
  cursor: CursorPlan,
  state: IncrementalCursor,
  ports: ReadPorts,
): Promise<Window> {
  const endless = hasInfinity(cursor.column) ? "Infinity" : null;
  let { pending } = state;
  let proved: string | null = null;
  let isFresh = false;
  let waitedMs = 0;
  let horizon: Horizon | null = null;
  for (;;) {
    if (pending === null) {
      pending = await within(plan, ports, (transaction) => readGreatest(transaction, plan, cursor, endless));
      isFresh = true;
      if (pending === null) break;
    }
    horizon = await look(plan, ports);
    const seenAt = fromIsoMicros(pending.seenAt);
    if (seenAt === null || toSafeMicros(horizon) > seenAt) {
      if (seenAt !== null) proved = pending.value;
      pending = null;
      if (isFresh) break;
      continue;
    }
    if (waitedMs >= VALUE_WAIT_MS) break;
    await ports.runtime.sleep(VALUE_WAIT_STEP_MS, ports.signal);
    waitedMs += VALUE_WAIT_STEP_MS;
  }
  const value = proved ?? state.provedThrough;
  const isNewer = value !== null && (await isBeyond(plan, cursor, value, state.provedThrough, ports));
  const waiting =
    pending === null
      ? []
      : [
          `reading waits for transactions that were open at ${pending.seenAt} before it goes on in ${cursor.column.name}`,
        ];
  return {
    bound: value === null ? null : { value, inclusive: true },
    isNewer,
    outside: { nulls: cursor.column.nullable, from: endless },
    pending,
    notices: [...waiting, ...(horizon === null ? [] : toNotices(horizon, ports.client.settings.user))],
  };
}

/** Floating-point and numeric columns hold infinities and NaN, behind which nothing could ever be read. */
function hasInfinity(column: Column): boolean {
  return column.valueType.kind === "decimal" || column.baseOid === "700" || column.baseOid === "701";
}

async function readGreatest(
  transaction: Transaction,
  plan: ReadPlan,
  cursor: CursorPlan,
  below: string | null,
): Promise<IncrementalCursor["pending"]> {
  const { text, values } = greatestCursor(plan.relation.from, cursor.column, below);
  const [row] = await transaction.rows(text, values);
  const value = row?.[cursor.column.name] ?? null;
  if (value === null) return null;
  // The clock is read after the value, by a statement of its own: see above why it must not be before.
  const [clock] = await transaction.rows(
    "select (extract(epoch from clock_timestamp()) * 1000000)::bigint::text as micros",
  );
  return { value, seenAt: toIsoMicros(BigInt(clock?.["micros"] ?? "0")) };
}

async function isBeyond(
  plan: ReadPlan,
  cursor: CursorPlan,
  value: string,
  before: string | null,
  ports: ReadPorts,
): Promise<boolean> {
  if (before === null) return true;
  const { castType } = cursor.column;
  const [row] = await within(plan, ports, (transaction) =>
    transaction.rows(`select ($1::${castType} > $2::${castType})::text as beyond`, [value, before]),
  );
  return row?.["beyond"] === "true";
}
