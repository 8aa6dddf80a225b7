import type { Fields } from "@acme/stand-in-kit";
import { ApiError, invalid } from "./api-error.ts";
import type { App } from "./auth/apps.ts";
import { requireScope } from "./auth/scopes.ts";
import type { PageFaultKind } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import type { ObjectType } from "./portal/object-type.ts";
import type { Portal } from "./portal/portal.ts";
import type { World } from "./world.ts";

/** An admitted request. */
export interface Call {
  readonly world: World;
  readonly portal: Portal;
  readonly knobs: Readonly<Knobs>;
  readonly app: App;
  readonly query: URLSearchParams;
  /** Values of `:name` segments of the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Fields;
  readonly bodyCharacters: number;
  readonly nowMs: number;
  /** A fault that makes pages shorter. */
  readonly pageFault: PageFaultKind | undefined;
  /** For the request log: what the answer holds, and how many inputs were asked for. */
  rows: number;
  inputs: number;
}

/** The object type a route names. Throws 400 for an unknown one, 403 where reading it is not allowed. */
export function readableType(call: Call, name = call.params["type"] ?? ""): ObjectType {
  const type = findType(call, name);
  if (call.knobs.unentitledTypes.includes(type.facts.name)) {
    throw new ApiError(403, `The account's plan does not include ${type.facts.name}.`, { category: "FORBIDDEN" });
  }
  requireScope(call.app, type.facts.readScopes);
  return type;
}

/** The same without a look at scopes. */
export function findType(call: Call, name = call.params["type"] ?? ""): ObjectType {
  const type = call.portal.findType(name);
  if (type === undefined) throw new ApiError(400, `Unable to infer object type from: ${name}`);
  return type;
}

/** A comma list, a repeated parameter, or both. */
export function listParameter(query: URLSearchParams, name: string): readonly string[] {
  return query
    .getAll(name)
    .flatMap((part) => part.split(","))
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** The `limit` of a call, which is a whole number from 1 to `max`. */
export function readLimit(text: unknown, fallback: number, max: number, knobs: Readonly<Knobs>): number {
  if (text === null || text === undefined || text === "") return Math.min(fallback, max);
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 0) throw invalid(`Invalid limit ${JSON.stringify(text)}`);
  if (limit > max && knobs.overLimit === "reject") throw invalid(`The limit ${limit} is more than ${max}`);
  return Math.min(limit, max);
}
