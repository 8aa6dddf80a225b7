import { ApiError, invalidSession } from "../api-error.ts";
import { type Call, toExecuteOptions, toRowWriterOptions } from "../call.ts";
import { isLongText, type Value } from "../org/field-definition.ts";
import type { Row } from "../org/row.ts";
import { type Reply, toJsonText, toReply } from "../reply.ts";
import { toRestJson } from "../values.ts";
import type { Cursor } from "../soql/cursors.ts";
import { execute, type ResultSet } from "../soql/execute.ts";
import { compareValues } from "../soql/filter.ts";
import { parseSoql } from "../soql/parse.ts";
import { type Aggregate, type Plan, planQuery } from "../soql/plan.ts";
import { readPath } from "../soql/resolve-path.ts";
import { createRowWriter } from "../soql/rest-row.ts";

const MIN_PAGE_ROWS = 200;
const LONG_TEXT_PAGE_ROWS = 1000;
const RICH_TEXT_PAGE_ROWS = 250;

/** GET /query?q=… */
export function query(call: Call): Reply {
  return start(call, false);
}

/** GET /queryAll?q=…: rows in the bin as well. */
export function queryAll(call: Call): Reply {
  return start(call, true);
}

/** GET /query/{locator}-{offset}. */
export function queryMore(call: Call): Reply {
  const [, locator = "", from = ""] = /^(0r8\w{15})-(\d+)$/.exec(call.params["locator"] ?? "") ?? [];
  const cursor = call.world.cursors.find(locator, call.nowMs);
  if (cursor === undefined) throw invalidLocator();
  if (cursor.sessionId !== call.session.token && call.knobs.foreignLocator !== "serve") {
    throw call.knobs.foreignLocator === "unauthorized" ? invalidSession() : invalidLocator();
  }
  if (Number(from) >= cursor.result.positions.length) throw invalidLocator();
  return toPage(call, cursor, Number(from));
}

function start(call: Call, withDeleted: boolean): Reply {
  const text = call.query.get("q");
  if (text === null || text.trim() === "")
    throw new ApiError(400, "MALFORMED_QUERY", "A query string has to be specified");
  const { org, user, nowMs } = call;
  const plan = planQuery(parseSoql(text), { org, access: user, nowMs });
  const result = execute(plan, toExecuteOptions(call, withDeleted || plan.query.allRows));
  refuseWhoWhat(call, result);
  if (plan.countOnly) {
    call.rows = 0;
    return toReply({ totalSize: result.positions.length, done: true, records: [] });
  }
  if (plan.aggregates.length > 0) return toAggregateReply(call, result);
  const pageRows = toPageRows(call, plan);
  if (result.positions.length <= pageRows) return toPage(call, { locator: "", result, pageRows }, 0);
  return toPage(call, call.world.cursors.open(result, pageRows, call.session.token, nowMs), 0);
}

function toPage(
  call: Call,
  { locator, result, pageRows }: Pick<Cursor, "locator" | "result" | "pageRows">,
  from: number,
): Reply {
  const { table, columns } = result.plan;
  const write = createRowWriter(columns, toRowWriterOptions(call));
  const current = call.knobs.cursorValues === "current";
  const page = result.positions.subarray(from, from + pageRows);
  const records: string[] = [];
  for (const position of page) {
    const version = current ? table.version(position) : result.versions.get(position);
    records.push(write({ table, position, version }));
  }
  call.rows = page.length;
  const next = from + page.length;
  const done = next >= result.positions.length;
  const nextUrl = done ? "" : `,"nextRecordsUrl":"/services/data/v${call.version}/query/${locator}-${next}"`;
  return toJsonText(
    `{"totalSize":${result.positions.length},"done":${done}${nextUrl},"records":[${records.join(",")}]}`,
  );
}

/** What the caller asked for, cut to what the server is willing to send. */
function toPageRows({ headers, knobs }: Call, plan: Plan): number {
  const asked = Number(
    /\bbatchSize=(\d+)/i.exec(String(headers["sforce-query-options"] ?? ""))?.[1] ?? knobs.maxPageRows,
  );
  const wanted = Math.min(Math.max(asked, Math.min(MIN_PAGE_ROWS, knobs.maxPageRows)), knobs.maxPageRows);
  if (!knobs.adaptivePages) return wanted;
  if (plan.columns.some(({ field }) => field.richText)) return Math.min(wanted, RICH_TEXT_PAGE_ROWS);
  return plan.columns.some(({ field }) => isLongText(field)) ? Math.min(wanted, LONG_TEXT_PAGE_ROWS) : wanted;
}

function toAggregateReply(call: Call, { plan, positions, versions }: ResultSet): Reply {
  const { table, aggregates } = plan;
  const toRow = (position: number): Row => ({ table, position, version: versions.get(position) });
  const members = aggregates.map((aggregate) => {
    const values = function* () {
      for (const position of positions) {
        yield aggregate.path === undefined ? null : readPath(call.org, toRow(position), aggregate.path, call.nowMs);
      }
    };
    return `${JSON.stringify(aggregate.alias)}:${toAggregateJson(aggregate, values(), call.knobs.restNumbers === "exponent")}`;
  });
  call.rows = 1;
  return toJsonText(
    `{"totalSize":1,"done":true,"records":[{"attributes":{"type":"AggregateResult"},${members.join(",")}}]}`,
  );
}

function toAggregateJson({ name, path }: Aggregate, values: Iterable<Value>, exponents: boolean): string {
  let count = 0;
  let sum = 0;
  let best: Value = null;
  for (const value of values) {
    if (value === null || path === undefined) continue;
    count += 1;
    sum += Number(value);
    const order = best === null ? 0 : compareValues(value, best, path.field);
    if (best === null || (name === "MIN" && order < 0) || (name === "MAX" && order > 0)) best = value;
  }
  if (name === "COUNT" || path === undefined) return String(count);
  if (name === "SUM") return count === 0 ? "null" : String(sum);
  if (name === "AVG") return count === 0 ? "null" : String(sum / count);
  return toRestJson(best, path.field, exponents);
}

const WHO_WHAT_LIMIT = 100_000;

/** Activities of many parents cannot be read by somebody who does not see all data. */
function refuseWhoWhat({ user }: Call, { plan, positions }: ResultSet): void {
  if (user.viewAllData || plan.table.name !== "Task" || positions.length <= WHO_WHAT_LIMIT) return;
  throw new ApiError(400, "OPERATION_TOO_LARGE", `exceeded ${WHO_WHAT_LIMIT} distinct who/what's`);
}

function invalidLocator(): ApiError {
  return new ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
}
