import type { Cursor, Page, ProvedInterval } from "@acme/sync-core";
import { type FullCursor, type IncrementalCursor, parseFullCursor, parseIncrementalCursor } from "./cursor.ts";
import { type Part, type PartPorts, readParts } from "./read-parts.ts";
import { type CursorPlan, nullKey, type ReadPlan, toPosition } from "./read-plan.ts";
import {
  fullPage,
  incrementalPage,
  lastKey,
  nullKeyProbe,
  outsidePage,
  outsideProbe,
  type Statement,
} from "./statements.ts";
import type { Column } from "./relation.ts";
import type { Transaction } from "./transaction.ts";
import type { Window } from "./window.ts";

export interface ReadPorts<C extends Column, T extends Transaction> extends PartPorts<T> {
  readonly findWindow: (cursor: CursorPlan<C>, state: IncrementalCursor) => Promise<Window>;
  /** Why what is not seen may exist all the same, as a notice; null: it does not. */
  readonly whyIncomplete: (transaction: T) => Promise<string | null>;
}

/** The pages of one pass. */
export async function* readPages<C extends Column, T extends Transaction>(
  plan: ReadPlan<C>,
  after: Cursor | null,
  ports: ReadPorts<C, T>,
): AsyncGenerator<Page> {
  const pages =
    plan.cursor === null ? readInFull(plan, after, ports) : readIncrementally(plan, plan.cursor, after, ports);
  for await (const page of pages) yield page.proved === null ? page : await unlessIncomplete(plan, page, ports);
}

/** Nothing is proved complete while rows may be hidden: what is not seen would be taken for deleted. */
async function unlessIncomplete<C extends Column, T extends Transaction>(
  plan: ReadPlan<C>,
  page: Page,
  ports: ReadPorts<C, T>,
): Promise<Page> {
  const notice = await within(plan, ports, ports.whyIncomplete);
  return notice === null ? page : { ...page, proved: null, notices: [...(page.notices ?? []), notice] };
}

async function* readInFull(plan: ReadPlan, after: Cursor | null, ports: PartPorts<Transaction>): AsyncGenerator<Page> {
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
    fullPage(plan.selection, plan.keyTerms, { after: position, end, limit });
  for await (const part of readParts(plan, plan.keyAt, start.after, statement, ports)) {
    const cursor: FullCursor = {
      ...start,
      end: [...end],
      after: part.position === null ? start.after : [...part.position],
      done: part.isLast,
    };
    yield toPage(part, cursor, part.isLast ? proved : null, []);
  }
}

async function* readIncrementally<C extends Column, T extends Transaction>(
  plan: ReadPlan<C>,
  cursorPlan: CursorPlan<C>,
  after: Cursor | null,
  ports: ReadPorts<C, T>,
): AsyncGenerator<Page> {
  const { relation, key, selection } = plan;
  const { column, terms } = cursorPlan;
  let state = parseIncrementalCursor(after, {
    stream: relation.name,
    cursorField: column.name,
    keyFields: key.map((keyColumn) => keyColumn.name),
  });
  const startedFrom = state;
  await refuseNullKeys(plan, ports);
  const window = await ports.findWindow(cursorPlan, state);
  const { notices } = window;
  let hasYielded = false;

  // First the rows that paging by cursor never meets: a change from null to a value made meanwhile is still ahead of us then.
  if (state.outside !== "done" && (await hasOutside(plan, cursorPlan, window, ports))) {
    const statement = (position: readonly string[] | null, limit: number): Statement =>
      outsidePage(selection, column.term, plan.keyTerms, { outside: window.outside, after: position, limit });
    const position = state.outside === null ? null : state.outside.key;
    for await (const part of readParts(plan, plan.keyAt, position, statement, ports)) {
      if (part.position !== null) state = { ...state, outside: part.isLast ? "done" : { key: [...part.position] } };
      if (part.rows.length === 0) continue;
      hasYielded = true;
      yield toPage(part, state, null, notices);
    }
  }

  const end: IncrementalCursor = { ...state, outside: null, pending: window.pending };
  const { bound } = window;
  if (bound === null) {
    const learned =
      JSON.stringify(window.pending) !== JSON.stringify(startedFrom.pending) || startedFrom.outside !== null;
    if (hasYielded || learned || notices.length > 0) yield toPage(NOTHING, end, null, notices);
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
    incrementalPage(selection, terms, { after: position, bound, limit });
  const startAt = state.position === null ? null : [state.position.cursor, ...state.position.key];
  for await (const part of readParts(plan, [cursorPlan.at, ...plan.keyAt], startAt, statement, ports)) {
    const [value, ...keyValues] = part.position ?? [];
    const position = value === undefined ? state.position : { cursor: value, key: keyValues };
    if (!part.isLast) {
      state = { ...state, outside: "done", position };
      hasYielded = true;
      yield toPage(part, state, null, notices);
      continue;
    }
    const isWorthSaying =
      part.rows.length > 0 || hasYielded || window.isNewer || notices.length > 0 || startedFrom.outside !== null;
    if (!isWorthSaying) return;
    yield toPage(part, { ...end, position, provedThrough }, window.isNewer ? proved : null, notices);
  }
}

const NOTHING: Pick<Part, "rows" | "bytes"> = { rows: [], bytes: 0 };

function toPage(
  { rows, bytes }: Pick<Part, "rows" | "bytes">,
  cursor: Cursor,
  proved: ProvedInterval | null,
  notices: readonly string[],
): Page {
  return { rows, cursor, bytes, proved, ...(notices.length === 0 ? {} : { notices }) };
}

function toJsonText({ column }: CursorPlan, text: string): string {
  const value = column.toJson === null ? text : column.toJson(text);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Null compares with nothing, so a row without a key could fall between two pages unseen. */
async function refuseNullKeys(plan: ReadPlan, ports: PartPorts<Transaction>): Promise<void> {
  const nullable = plan.key.filter((column) => column.nullable).map((column) => column.name);
  if (nullable.length === 0) return;
  const { text, values } = nullKeyProbe(plan.selection, nullable);
  const found = await within(plan, ports, (transaction) => transaction.rows(text, values));
  if (found.length > 0) throw nullKey(plan);
}

async function readLastKey(transaction: Transaction, plan: ReadPlan): Promise<readonly string[] | null> {
  const selection = { ...plan.selection, select: plan.key.map((column) => column.select) };
  const only = { maxRows: 1, maxBytes: Number.POSITIVE_INFINITY, expectedRowBytes: 0 };
  const { rows } = await transaction.page(() => lastKey(selection, plan.keyTerms), only);
  const [row] = rows;
  return row === undefined ? null : toPosition(plan, [...row.keys()], row);
}

async function hasOutside(
  plan: ReadPlan,
  cursor: CursorPlan,
  window: Window,
  ports: PartPorts<Transaction>,
): Promise<boolean> {
  const { outside } = window;
  if (!outside.nulls && outside.from === null) return false;
  const { text, values } = outsideProbe(plan.selection, cursor.column.term, outside);
  const found = await within(plan, ports, (transaction) => transaction.rows(text, values));
  return found.length > 0;
}

function within<T extends Transaction, Result>(
  plan: ReadPlan,
  ports: PartPorts<T>,
  work: (transaction: T) => Promise<Result>,
): Promise<Result> {
  return ports.client.transaction(plan.subject, ports.signal, work);
}
