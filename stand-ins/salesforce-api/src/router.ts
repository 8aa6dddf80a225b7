import type { Call } from "./call.ts";
import type { Family } from "./counters.ts";
import type { Reply } from "./reply.ts";
import { routes } from "./routes/table.ts";

export interface Route {
  readonly method: string;
  /** With `:name` segments; a data route without `/services/data/v{version}`. */
  readonly path: string;
  readonly family: Family;
  readonly handler: (call: Call) => Reply;
}

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const patterns = routes.map((route) => ({ route, segments: route.path.split("/") }));

/** The route of a path that begins behind the version; undefined when there is none. The first that fits wins. */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const segments = (path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path).split("/");
  for (const pattern of patterns) {
    if (pattern.route.method !== method || pattern.segments.length !== segments.length) continue;
    const params = matchSegments(pattern.segments, segments);
    if (params !== undefined) return { route: pattern.route, params };
  }
  return undefined;
}

/** The methods that a path has routes for. */
export function methodsOf(path: string): readonly string[] {
  return [...new Set(routes.map(({ method }) => method))].filter((method) => matchRoute(method, path) !== undefined);
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? "";
    if (expected.startsWith(":")) {
      if (actual === "") return undefined;
      params[expected.slice(1)] = decode(actual);
    } else if (expected.toLowerCase() !== actual.toLowerCase()) return undefined;
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
