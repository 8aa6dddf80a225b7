import { type Route, routes } from "./routes/table.ts";

export type Surface = "v1" | "v1.1";

export interface RouteMatch {
  readonly route: Route;
  readonly surface: Surface;
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly segments: readonly string[];
  readonly route: Route;
}

const prefixes: Readonly<Record<Surface, string>> = { v1: "/api/v1", "v1.1": "/api/v1.1" };
const fixed = new Map<string, RouteMatch>();
const patterns: Record<Surface, Pattern[]> = { v1: [], "v1.1": [] };

for (const route of routes) {
  addPaths(route, "v1", route.v1);
  addPaths(route, "v1.1", route.v1_1);
}

/** The surface a path belongs to, known or not. */
export function toSurface(path: string): Surface | undefined {
  if (path.startsWith("/api/v1.1/")) return "v1.1";
  return path.startsWith("/api/v1/") ? "v1" : undefined;
}

/** The route of a request; undefined when there is none. Fixed paths win over patterns. */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const exact = fixed.get(`${method} ${path}`);
  if (exact !== undefined) return exact;
  const surface = toSurface(path);
  if (surface === undefined) return undefined;
  const segments = path.slice(prefixes[surface].length).split("/");
  for (const pattern of patterns[surface]) {
    if (pattern.route.method !== method || pattern.segments.length !== segments.length) continue;
    const params = matchSegments(pattern.segments, segments);
    if (params !== undefined) return { route: pattern.route, surface, params };
  }
  return undefined;
}

function addPaths(route: Route, surface: Surface, paths: readonly string[]): void {
  for (const path of paths) {
    if (path.includes(":")) patterns[surface].push({ segments: path.split("/"), route });
    else fixed.set(`${route.method} ${prefixes[surface]}${path}`, { route, surface, params: {} });
  }
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? "";
    if (expected.startsWith(":")) {
      if (actual === "") return undefined;
      params[expected.slice(1)] = decode(actual);
    } else if (expected !== actual) return undefined;
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
