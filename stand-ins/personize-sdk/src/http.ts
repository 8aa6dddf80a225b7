import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type AxiosInstance, create, isAxiosError } from "axios";
import type { ResolvedConfig } from "./config.ts";
import { toThrownError } from "./errors.ts";

/**
 * The axios instance every method uses, also reachable as `client.client`. Connections are kept open. Answers of 429
 * and 5xx are tried again after `retryDelay`, doubled each time; network faults and timeouts are not. Errors leave it
 * in the chosen shape.
 */
export function createHttp(config: ResolvedConfig): AxiosInstance {
  const instance = create({
    baseURL: config.baseURL,
    timeout: config.timeout,
    headers: { Authorization: `Bearer ${config.secretKey}`, "Content-Type": "application/json" },
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
    // Neither redirects nor proxies: the stand-in talks to a server on this machine, whatever the environment says.
    maxRedirects: 0,
    proxy: false,
    maxBodyLength: Number.POSITIVE_INFINITY,
    maxContentLength: Number.POSITIVE_INFINITY,
  });
  instance.interceptors.response.use(undefined, async (error: unknown) => {
    if (!isAxiosError(error)) throw error;
    const tries = readTries(error.config);
    if (error.config === undefined || !isRetried(error.response?.status) || tries >= config.maxRetries) {
      throw toThrownError(error, config.errorShape);
    }
    await sleep(config.retryDelay * 2 ** tries);
    return instance.request(Object.assign(error.config, { personizeTries: tries + 1 }));
  });
  return instance;
}

function isRetried(status: number | undefined): boolean {
  return status !== undefined && (status === 429 || status >= 500);
}

function readTries(config: object | undefined): number {
  const tries: unknown = config === undefined ? undefined : Reflect.get(config, "personizeTries");
  return typeof tries === "number" ? tries : 0;
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
