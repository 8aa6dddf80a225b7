import { type Address, createMatcher } from "@acme/stand-in-kit";
import { type Route, routes } from "./routes/table.ts";

export type Surface = "v1" | "v1.1";

export interface RouteMatch {
  readonly route: Route;
  readonly surface: Surface;
  readonly params: Readonly<Record<string, string>>;
}

interface Served extends Address {
  readonly route: Route;
  readonly surface: Surface;
}

const served: readonly Served[] = routes.flatMap((route) => [
  ...route.v1.map((path) => ({ method: route.method, path: `/api/v1${path}`, route, surface: "v1" as const })),
  ...route.v1_1.map((path) => ({ method: route.method, path: `/api/v1.1${path}`, route, surface: "v1.1" as const })),
]);
const isFixed = ({ path }: Address) => !path.includes(":");
const fixed = new Map(served.filter(isFixed).map((each) => [`${each.method} ${each.path}`, each]));
const matchPattern = createMatcher(served.filter((each) => !isFixed(each)));

/** The surface a path belongs to, known or not. */
export function toSurface(path: string): Surface | undefined {
  if (path.startsWith("/api/v1.1/")) return "v1.1";
  return path.startsWith("/api/v1/") ? "v1" : undefined;
}

/** The route of a request; undefined when there is none. Fixed paths win over patterns. */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const exact = fixed.get(`${method} ${path}`);
  if (exact !== undefined) return { route: exact.route, surface: exact.surface, params: {} };
  const match = matchPattern(method, path);
  return match && { route: match.route.route, surface: match.route.surface, params: match.params };
}
