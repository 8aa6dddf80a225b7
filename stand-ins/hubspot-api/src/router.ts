import { type Address, createMatcher, type Match } from "@acme/stand-in-kit";
import type { Call } from "./call.ts";
import type { Family } from "./counters.ts";
import type { LimitClass } from "./limits/limiter.ts";
import type { Reply } from "./reply.ts";
import { routes } from "./routes/table.ts";

export interface Route extends Address {
  /** With `:name` segments, in the v3 or v4 form. */
  readonly path: string;
  readonly family: Family;
  readonly limitClass: LimitClass;
  readonly handler: (call: Call) => Reply;
}

export type RouteMatch = Match<Route>;

const RELEASE = String.raw`(?<version>v1|v2|v3|v4|20\d\d-\d\d)`;
const releases = new Set(["2025-09", "2026-03", "2026-09"]);
const resourceFirst = new RegExp(
  `^/crm/(?<resource>objects|properties|associations|owners|pipelines)/${RELEASE}(?=/|$)`,
);
const others = new RegExp(`^/(?<resource>crm-object-schemas|account-info|oauth)/${RELEASE}(?=/|$)`);

/** A path in its v3 or v4 form, and whether it was written in an old form. Undefined for a version nobody serves. */
export function normalizePath(path: string): { readonly path: string; readonly legacy: boolean } | undefined {
  const trimmed = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  const dated = resourceFirst.exec(trimmed);
  if (dated?.groups !== undefined) {
    const { resource = "", version = "" } = dated.groups;
    if (!releases.has(version)) return undefined;
    const rest = trimmed.slice(dated[0].length);
    const isV4 =
      resource === "associations" || (resource === "objects" && /^\/[^/]+\/[^/]+\/associations\//.test(rest));
    return { path: `/crm/${isV4 ? "v4" : "v3"}/${resource}${rest}`, legacy: false };
  }
  const other = others.exec(trimmed);
  if (other?.groups !== undefined) {
    const { resource = "", version = "" } = other.groups;
    if (version.startsWith("20") && !releases.has(version)) return undefined;
    const rest = trimmed.slice(other[0].length);
    if (resource === "oauth" && version === "v1") return { path: trimmed, legacy: true };
    return { path: `/${resource}/v3${rest}`, legacy: version.startsWith("v") };
  }
  return { path: trimmed.replace(/^\/crm\/v3\/schemas(?=\/|$)/, "/crm-object-schemas/v3/schemas"), legacy: true };
}

/** The route of a normalised path; undefined when there is none. The first one of the table that fits wins. */
export const matchRoute = createMatcher(routes);
