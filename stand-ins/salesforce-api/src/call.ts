import type { IncomingHttpHeaders } from "node:http";
import type { Fields } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import { seesRow } from "./auth/sees-row.ts";
import type { Session } from "./auth/sessions.ts";
import type { User } from "./auth/users.ts";
import type { BulkFaultKind, Fault } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import type { Org } from "./org/org.ts";
import type { Table } from "./org/table.ts";
import type { Reply } from "./reply.ts";
import type { ExecuteOptions } from "./soql/execute.ts";
import type { RowWriterOptions } from "./soql/rest-row.ts";
import type { World } from "./world.ts";

/** An admitted request. */
export interface Call {
  readonly world: World;
  readonly org: Org;
  readonly knobs: Readonly<Knobs>;
  readonly session: Session;
  readonly user: User;
  /** Such as `66.0`. */
  readonly version: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Values of `:name` segments of the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Fields;
  readonly nowMs: number;
  /** The address that was called, without a slash at the end. */
  readonly host: string;
  /** Faults that change what a Bulk answer says. */
  readonly bulkFaults: readonly (Fault & { readonly kind: BulkFaultKind })[];
  /** Answers another request within this one; throws ApiError. `target` is path and query. */
  readonly answerInner: (call: Call, method: string, target: string) => Reply;
  /** For the request log: what the answer holds. */
  rows: number;
}

/** The object a route names. Throws 404 for one that is not there or out of this user's sight. */
export function readableTable(call: Call): Table {
  const table = call.org.find(call.params["object"] ?? "");
  if (table === undefined || !call.user.canReadObject(table.name)) {
    throw new ApiError(404, "NOT_FOUND", "The requested resource does not exist");
  }
  return table;
}

/** How rows are written for this call. */
export function toRowWriterOptions({ org, version, nowMs, knobs }: Call): RowWriterOptions {
  return { org, version, nowMs, exponents: knobs.restNumbers === "exponent" };
}

/** How a query of this call is run. */
export function toExecuteOptions(call: Call, withDeleted: boolean): ExecuteOptions {
  return {
    org: call.org,
    nowMs: call.nowMs,
    withDeleted,
    sees: (row) => seesRow(call.user, row),
    unordered: call.knobs.unordered,
    timeoutRows: call.knobs.queryTimeoutRows,
  };
}
