import { Personize } from "@personize/sdk";
import { describe, expect, it, vi } from "vitest";
import { createSdk, failureOf, KEY, startApi } from "./contract.ts";
import { describeSdk, installedSdk } from "./installed-sdk.ts";

const ENVIRONMENT = [
  "PERSONIZE_SECRET_KEY",
  "PERSONIZE_API_KEY",
  "PERSONIZE_BASE_URL",
  "PERSONIZE_API_BASE_URL",
  "PERSONIZE_API_URL",
];

describe(`construction: ${describeSdk(installedSdk())}`, () => {
  it("is the SDK that production gets", () => {
    const production = new URL("../../../packages/sync-core/src/personize/client.ts", import.meta.url).href;
    expect(installedSdk(production)).toEqual(installedSdk());
  });

  it("has a version that the range of the packages allows", () => {
    expect(installedSdk().version).toMatch(/^0\.18\./);
  });

  it("is a class with that name, and takes key, base URL, timeout and retries", async () => {
    const api = await startApi();
    const sdk = new Personize({ secretKey: KEY, baseURL: api.url, timeout: 5000, maxRetries: 0 });
    await expect(sdk.me()).resolves.toMatchObject({ success: true });
  });

  it("gives up after `timeout` milliseconds", async () => {
    const api = await startApi();
    api.control.addFault({ kind: "hang-before" });
    const startedAt = Date.now();
    await failureOf(createSdk(api.url, { timeout: 300 }).me());
    const tookMs = Date.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(290);
    expect(tookMs).toBeLessThan(5000);
  });

  it("takes no secret key from the environment", async () => {
    const api = await startApi();
    for (const name of ENVIRONMENT) vi.stubEnv(name, KEY);
    try {
      const call = (async () => await new Personize({ secretKey: "", baseURL: api.url, maxRetries: 0 }).me())();
      await expect(call).rejects.toThrow();
    } finally {
      vi.unstubAllEnvs();
    }
    expect(api.control.counts().requests).toBe(0);
  });

  it("takes no base URL from the environment", async () => {
    const [api, decoy] = [await startApi(), await startApi()];
    for (const name of ENVIRONMENT) vi.stubEnv(name, decoy.url);
    try {
      expect(new Personize({ secretKey: KEY }).client.defaults.baseURL).toMatch(/^https:\/\/agent\.personize\.ai/);
      await createSdk(api.url).me();
    } finally {
      vi.unstubAllEnvs();
    }
    expect(api.control.requests()).toHaveLength(1);
    expect(decoy.control.requests()).toHaveLength(0);
  });
});
