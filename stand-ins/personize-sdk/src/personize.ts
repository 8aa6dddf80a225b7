import type { AxiosInstance } from "axios";
import { type CollectionsApi, createCollectionsApi } from "./collections-api.ts";
import { type PersonizeConfig, resolveConfig } from "./config.ts";
import { createHttp } from "./http.ts";
import { createMemoryApi, type MemoryApi } from "./memory-api.ts";
import { createMemoryV11Api, type MemoryV11Api } from "./memory-v1-1-api.ts";
import type { RetrieveOptions } from "./memory-types.ts";
import { createTransport, type Transport } from "./transport.ts";
import type { ApiResponse, CreditsResponse, EntityTypeItem, MeResponse, TestResponse } from "./types.ts";

/**
 * The documented surface of the vendor's client, over real HTTP. Methods resolve to the envelope as it came and throw
 * on statuses outside 2xx. Reads no environment variable.
 */
export class Personize {
  /** The axios instance behind every method: retries and error shape apply to it too. */
  readonly client: AxiosInstance;
  readonly memory: MemoryApi;
  readonly collections: CollectionsApi;
  readonly analytics: { credits(): Promise<ApiResponse<CreditsResponse>> };
  readonly entityTypes: { list(): Promise<ApiResponse<EntityTypeItem[]>> };
  readonly v1_1: { readonly memory: MemoryV11Api };
  readonly #transport: Transport;

  /** Throws Error when `secretKey` is missing or empty. */
  constructor(config: PersonizeConfig) {
    this.client = createHttp(resolveConfig(config));
    const transport = createTransport(this.client, "/api/v1");
    this.#transport = transport;
    this.memory = createMemoryApi(transport);
    this.collections = createCollectionsApi(transport);
    this.analytics = { credits: () => transport.get<CreditsResponse>("/analytics/credits") };
    this.entityTypes = { list: () => transport.get<EntityTypeItem[]>("/entity-types") };
    this.v1_1 = { memory: createMemoryV11Api(createTransport(this.client, "/api/v1.1")) };
  }

  me(): Promise<ApiResponse<MeResponse>> {
    return this.#transport.get("/me");
  }

  test(): Promise<ApiResponse<TestResponse>> {
    return this.#transport.get("/test");
  }

  retrieve(options: RetrieveOptions): Promise<ApiResponse<unknown>> {
    return this.#transport.post("/retrieve", options);
  }
}
