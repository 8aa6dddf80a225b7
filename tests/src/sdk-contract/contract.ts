import { type PersonizeApi, type PersonizeApiOptions, startPersonizeApi } from "@acme/personize-api";
import { Personize } from "@personize/sdk";
import { onTestFinished } from "vitest";
import {
  type Failure,
  readEnvelopeFailure,
  readFailure,
} from "../../../packages/sync-core/src/personize/read-failure.ts";
import { installedSdk } from "./installed-sdk.ts";

export const KEY = "sk_test_contract_0123456789";

/** A server that behaves as documented, on a plan without limits. Closed when the test ends. */
export async function startApi(options: PersonizeApiOptions = {}): Promise<PersonizeApi> {
  const api = await startPersonizeApi({
    organizations: [{ id: "org_contract", keys: [KEY], plan: "unlimited" }],
    ...options,
  });
  onTestFinished(() => api.close());
  return api;
}

/**
 * The shapes of errors that there are to look at. The vendor's package has the one of its version; the stand-in can throw
 * each of those that versions are known to have had.
 */
export const errorShapes: readonly string[] = installedSdk().standIn ? ["all", "axios", "wrapped"] : ["as installed"];

/** As production makes it, except that a retry which should not happen would happen soon. */
export function createSdk(baseURL: string, options: { timeout?: number; errorShape?: string } = {}): Personize {
  const config = { secretKey: KEY, baseURL, timeout: options.timeout ?? 10_000, maxRetries: 0, retryDelay: 1 };
  // An option of the stand-in that the vendor's package does not have.
  const extra: object = options.errorShape === undefined ? {} : { errorShape: options.errorShape };
  return new Personize(Object.assign(config, extra));
}

export interface FailedCall {
  /** What production makes of it. */
  readonly failure: Failure;
  /** What the SDK threw; undefined when it resolved with an envelope that is a failure. */
  readonly thrown: unknown;
}

/** A call that must fail, read as production reads it. */
export async function failureOf(call: Promise<unknown>): Promise<FailedCall> {
  const ended = await call.then(
    (envelope) => ({ envelope, thrown: undefined, resolved: true }),
    (thrown: unknown) => ({ envelope: undefined, thrown, resolved: false }),
  );
  if (!ended.resolved) return { failure: readFailure(ended.thrown), thrown: ended.thrown };
  const failure = readEnvelopeFailure(ended.envelope);
  if (failure === null) throw new Error("the call should have failed");
  return { failure, thrown: undefined };
}
