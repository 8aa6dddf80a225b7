import { Personize } from "@personize/sdk";
import { at } from "./json-access.ts";
import type { BatchRequest, DeleteRequest, DigestRequest, MemorizeRequest, SearchRequest } from "./requests.ts";

/** The only file that touches the vendor's SDK. Every method makes one request and returns the envelope as it came. */
export interface Client {
  me(): Promise<unknown>;
  listCollections(limit: number, nextToken: string | null): Promise<unknown>;
  sendBatch(request: BatchRequest): Promise<unknown>;
  event(eventId: string): Promise<unknown>;
  listEvents(limit: number, nextToken: string | null): Promise<unknown>;
  search(request: SearchRequest): Promise<unknown>;
  smartDigest(request: DigestRequest): Promise<unknown>;
  memorize(request: MemorizeRequest): Promise<unknown>;
  deleteRecord(request: DeleteRequest): Promise<unknown>;
  /** False when a 404 or 410 speaks of the path, not of something named in the request. */
  surfaceExists(failure: { readonly status: number; readonly code: string | null }): boolean;
  notices(): readonly string[];
}

export interface ClientOptions {
  readonly secretKey: string;
  readonly baseUrl: string;
  readonly timeoutMs: number;
}

export function createClient(options: ClientOptions): Client {
  const sdk = new Personize({
    secretKey: options.secretKey,
    baseURL: options.baseUrl,
    timeout: options.timeoutMs,
    maxRetries: 0,
  });
  const notices = new Set<string>();
  // The SDK has no documented method for events; its HTTP client is reachable (reference section 2). A whole URL works
  // whatever base that client was given.
  const eventsUrl = new URL("/api/v1/events", options.baseUrl).href;

  async function get(url: string, params?: Record<string, string | number>): Promise<unknown> {
    const response = await sdk.client.get(url, params === undefined ? undefined : { params });
    noteRetirement(response.headers);
    return response.data;
  }

  /** RFC 8594: v1 answers say when they will stop working. */
  function noteRetirement(headers: unknown): void {
    const sunset = at(headers, "sunset");
    if (typeof sunset === "string")
      notices.add(
        `Personize announces the end of this API surface for ${sunset}; update @personize/sdk when it offers a newer one`,
      );
  }

  return {
    me: () => sdk.me(),
    listCollections: (limit, nextToken) => sdk.collections.list(nextToken === null ? { limit } : { limit, nextToken }),
    sendBatch: (request) => sdk.memory.memorizeBatch(request),
    event: (eventId) => get(`${eventsUrl}/${encodeURIComponent(eventId)}`),
    listEvents: (limit, nextToken) => get(eventsUrl, nextToken === null ? { limit } : { limit, nextToken }),
    search: (request) => sdk.memory.search(request),
    smartDigest: (request) => sdk.memory.smartDigest(request),
    memorize: (request) => sdk.memory.memorize(request),
    deleteRecord: (request) => sdk.memory.deleteRecord(request),
    surfaceExists: (failure) => failure.status === 404 && failure.code !== null && failure.code !== "not_found_error",
    notices: () => [...notices],
  };
}
