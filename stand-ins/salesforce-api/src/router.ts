import { type Address, createMatcher, type Match } from "@acme/stand-in-kit";
import type { Call } from "./call.ts";
import type { Family } from "./counters.ts";
import type { Reply } from "./reply.ts";
import { routes } from "./routes/table.ts";

export interface Route extends Address {
  /** With `:name` segments; a data route without `/services/data/v{version}`. */
  readonly path: string;
  readonly family: Family;
  readonly handler: (call: Call) => Reply;
}

export type RouteMatch = Match<Route>;

const match = createMatcher(routes, true);

/** The route of a path that begins behind the version; undefined when there is none. The first that fits wins. */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  return match(method, path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path);
}

/** The methods that a path has routes for. */
export function methodsOf(path: string): readonly string[] {
  return [...new Set(routes.map(({ method }) => method))].filter((method) => matchRoute(method, path) !== undefined);
}
