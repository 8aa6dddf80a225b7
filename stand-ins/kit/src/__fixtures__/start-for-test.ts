import { onTestFinished } from "vitest";
import { startTinyApi, type TinyApi, type TinyOptions } from "./tiny-api.ts";

/** A server of its own for one test, closed when the test ends. */
export async function startForTest(options: TinyOptions = {}): Promise<TinyApi> {
  const api = await startTinyApi(options);
  onTestFinished(() => api.close());
  return api;
}

/** The answer of an admin route. */
export async function administer(
  api: TinyApi,
  name: string,
  body?: string,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${api.url}/__admin/${name}`, {
    method: "POST",
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: await response.json() };
}
