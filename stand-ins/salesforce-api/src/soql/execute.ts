import { ApiError } from "../api-error.ts";
import type { Row } from "../org/row.ts";
import type { Version } from "../org/version.ts";
import type { Org } from "../org/org.ts";
import { compareValues } from "./filter.ts";
import type { Plan, ResolvedOrder } from "./plan.ts";
import { readPath } from "./resolve-path.ts";

export interface ExecuteOptions {
  readonly org: Org;
  readonly nowMs: number;
  /** Rows in the bin as well. */
  readonly withDeleted: boolean;
  /** Whether the caller sees a row. */
  readonly sees: (row: Row) => boolean;
  /** Rows without ORDER BY come by id, or in an order that means nothing. */
  readonly unordered: "id" | "scattered";
  /** More matching rows than this take too long; null: none do. */
  readonly timeoutRows: number | null;
}

/** What a query found, fixed at that moment: positions in order, and the state of those that differ from their seed. */
export interface ResultSet {
  readonly plan: Plan;
  readonly positions: Uint32Array;
  readonly versions: ReadonlyMap<number, Version>;
}

/** Runs a plan. Throws QUERY_TIMEOUT when it matches more rows than it may. */
export function execute(plan: Plan, options: ExecuteOptions): ResultSet {
  const { table, limit, offset } = plan;
  const ordered = toIndexOrder(plan.orderBy);
  const wanted = limit + offset;
  const found = new Positions();
  const versions = new Map<number, Version>();
  for (const position of source(plan, ordered)) {
    const version = table.version(position);
    const state = table.state(position, version, options.nowMs);
    if (state === "gone" || (state === "deleted" && !options.withDeleted)) continue;
    if (!options.withDeleted && table.isArchived(position, version)) continue;
    const row = { table, position, version };
    if (!plan.filter(row) || !options.sees(row)) continue;
    found.push(position);
    if (version !== undefined) versions.set(position, version);
    if (ordered !== undefined && ordered !== "stamp-descending" && found.length >= wanted) break;
    if (options.timeoutRows !== null && found.length > options.timeoutRows) throw queryTimeout();
  }
  const positions = found.toArray();
  if (ordered === "stamp-descending") positions.reverse();
  else if (ordered === undefined) arrange(positions, plan, versions, options);
  return { plan, positions: positions.subarray(offset, Math.min(wanted, positions.length)), versions };
}

export function queryTimeout(): ApiError {
  return new ApiError(400, "QUERY_TIMEOUT", "Your query request was running for too long.");
}

type IndexOrder = "stamp" | "stamp-descending" | "id";

/** The order in which rows can be walked, when it is the one that is asked for. */
function toIndexOrder(orderBy: readonly ResolvedOrder[]): IndexOrder | undefined {
  const names = orderBy.map(({ path }) => path.name).join(" ");
  if (orderBy.every(({ descending }) => !descending)) {
    if (names === "SystemModstamp" || names === "SystemModstamp Id") return "stamp";
    if (names === "Id") return "id";
  }
  const allDescending = orderBy.every(({ descending }) => descending);
  return allDescending && (names === "SystemModstamp" || names === "SystemModstamp Id")
    ? "stamp-descending"
    : undefined;
}

/** The rows that have to be looked at, in the order that is asked for where rows can be walked that way. */
function source({ table, bounds }: Plan, ordered: IndexOrder | undefined): Iterable<number> {
  const { fromMs, toMs, fromId, toId, ids } = bounds;
  if (ids !== undefined && (ordered === undefined || ordered === "id")) {
    return [...ids].toSorted().flatMap((id) => table.positionOf(id) ?? []);
  }
  const byStamp = ordered === "stamp" || ordered === "stamp-descending";
  const bounded = fromMs !== Number.NEGATIVE_INFINITY || toMs !== Number.POSITIVE_INFINITY;
  if (byStamp || (bounded && ordered === undefined)) return table.byStamp(fromMs, toMs);
  return table.byId(fromId, toId);
}

function arrange(
  positions: Uint32Array,
  plan: Plan,
  versions: ReadonlyMap<number, Version>,
  options: ExecuteOptions,
): void {
  const { orderBy, table } = plan;
  if (orderBy.length === 0) {
    if (options.unordered === "scattered") scatter(positions);
    else positions.sort((left, right) => compareIds(table.idOf(left), table.idOf(right)));
    return;
  }
  const keys = new Map<number, readonly (string | number | boolean | null)[]>();
  for (const position of positions) {
    const row = { table, position, version: versions.get(position) };
    keys.set(
      position,
      orderBy.map(({ path }) => readPath(options.org, row, path, options.nowMs)),
    );
  }
  positions.sort((left, right) => {
    for (const [index, { path, descending, nullsLast }] of orderBy.entries()) {
      const [first = null, second = null] = [keys.get(left)?.[index], keys.get(right)?.[index]];
      if (first === null || second === null) {
        if (first === second) continue;
        return (first === null) === nullsLast ? 1 : -1;
      }
      const order = compareValues(first, second, path.field);
      if (order !== 0) return descending ? -order : order;
    }
    return left - right;
  });
}

function compareIds(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

/** Always the same disorder: every so many-th row, round and round. */
function scatter(positions: Uint32Array): void {
  const { length } = positions;
  if (length < 3) return;
  let step = Math.floor(length * 0.618) | 1;
  while (greatestDivisor(step, length) !== 1) step += 2;
  const copy = positions.slice();
  for (let index = 0; index < length; index += 1) positions[index] = copy[(index * step) % length] ?? 0;
}

function greatestDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestDivisor(right, left % right);
}

/** A list of positions that grows. */
class Positions {
  #array = new Uint32Array(1024);
  length = 0;

  push(position: number): void {
    if (this.length === this.#array.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.length] = position;
    this.length += 1;
  }

  toArray(): Uint32Array {
    return this.#array.slice(0, this.length);
  }
}
