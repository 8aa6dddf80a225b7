/** An address that is served. */
export interface Address {
  readonly method: string;
  /** With `:name` segments. */
  readonly path: string;
}

export interface Match<Route> {
  readonly route: Route;
  /** Values of the `:name` segments, decoded where they can be. */
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request; undefined when there is none. The first of the table that fits wins. */
export type Matcher<Route> = (method: string, path: string) => Match<Route> | undefined;

/** `ignoreCase` is about the fixed segments of paths. */
export function createMatcher<Route extends Address>(routes: readonly Route[], ignoreCase = false): Matcher<Route> {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const patterns = routes.map((route) => ({
    route,
    segments: route.path.split("/").map((segment) => (segment.startsWith(":") ? segment : fold(segment))),
  }));
  return (method, path) => {
    const segments = path.split("/");
    for (const pattern of patterns) {
      if (pattern.route.method !== method || pattern.segments.length !== segments.length) continue;
      const params = matchSegments(pattern.segments, segments, fold);
      if (params !== undefined) return { route: pattern.route, params };
    }
    return undefined;
  };
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
  fold: (text: string) => string,
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? "";
    if (expected.startsWith(":")) {
      if (actual === "") return undefined;
      params[expected.slice(1)] = decode(actual);
    } else if (expected !== fold(actual)) return undefined;
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
