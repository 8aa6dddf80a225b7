import { Client } from "@hubspot/api-client";

export interface RawAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly text: string;
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly qs?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers: Record<string, string>;
  readonly defaultJson: boolean;
}

/** Carries one request to HubSpot and its answer back, whatever the answer is. Rejects where there is none. */
export type Transport = (request: RawRequest) => Promise<RawAnswer>;

/**
 * The only place that touches HubSpot's library, as a thin transport: `apiRequest` hands out the answer as it came (the typed calls
 * drop fields, turn an answer without content type into an error without status, and know only the v3 paths). Its limiter and its
 * retries live in a process-wide singleton and stay off: both are never configured here, and the token travels with each request,
 * so that clients of several portals do not meet.
 */
export function createLibraryTransport(baseUrl: string): Transport {
  const library = new Client({ basePath: baseUrl.replace(/\/+$/, "") });
  return async (request) => {
    const response = await library.apiRequest({ ...request, qs: request.qs ?? {} });
    const text = await response.text();
    return { status: response.status, header: (name) => response.headers.get(name), text };
  };
}
