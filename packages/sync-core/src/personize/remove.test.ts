import { describe, expect, it } from "vitest";
import type { IdentityValue } from "../contracts/destination.ts";
import { AuthError, ConfigError } from "../contracts/errors.ts";
import { openSqliteState } from "../state/open-sqlite-state.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import type { Client } from "./client.ts";
import { createDestinationOverClient } from "./create-personize-destination.ts";
import type { DeleteRequest, SearchRequest } from "./requests.ts";

const ada: IdentityValue = { entityType: "contact", kind: "email", keyName: null, value: "ada@example.com" };
const found = { success: true, data: { recordIds: ["REC#1"], records: { "REC#1": {} } } };
const nothing = { success: true, data: { recordIds: [], records: {} } };

function refusal(status: number, error: string): Error {
  return Object.assign(new Error(`status ${status}`), { response: { status, data: { error }, headers: {} } });
}

/** Removes one record; the service answers the search and then, one after the other, the deletion. */
async function remove(search: unknown, answers: readonly unknown[], identity = ada) {
  const runtime = createVirtualRuntime({ seed: 1 });
  const state = await openSqliteState({ file: ":memory:", now: () => runtime.now() });
  const searches: SearchRequest[] = [];
  const deletions: DeleteRequest[] = [];
  const unused = (): never => {
    throw new Error("not used here");
  };
  const client: Client = {
    me: unused,
    listCollections: unused,
    sendBatch: unused,
    event: unused,
    listEvents: unused,
    smartDigest: unused,
    memorize: unused,
    search: async (request) => {
      searches.push(request);
      return search;
    },
    deleteRecord: async (request) => {
      const answer = answers[Math.min(deletions.length, answers.length - 1)];
      deletions.push(request);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    surfaceExists: ({ code }) => code !== null && code !== "not_found_error",
    notices: () => [],
  };
  const destination = createDestinationOverClient(client, {
    secretKey: "sk_test",
    baseUrl: "https://example.com",
    timeoutMs: 1000,
    maxConcurrentRequests: 1,
    rateUnit: "row",
    maxRowsPerCall: null,
    chunkSize: 1,
    limitsOverride: { perMinute: null, perMonth: null },
    sourceLabel: "test",
    state,
    runtime,
  });
  const ending = runtime.run(destination.remove(identity, "gone", async () => undefined, new AbortController().signal));
  return { result: await ending, searches, deletions, spending: destination.spending() };
}

describe("removing a record", () => {
  it("finds it by its identity and deletes it, for two calls", async () => {
    const { result, searches, deletions, spending } = await remove(found, [{ success: true, data: {} }]);
    expect(result).toBe("deleted");
    expect(searches).toMatchObject([{ type: "contact", email: "ada@example.com", pageSize: 1 }]);
    expect(deletions).toEqual([{ recordId: "REC#1", type: "contact", reason: "gone" }]);
    expect(spending).toMatchObject({ calls: 2, units: 2 });
  });

  it("knows a record by a key of one's own", async () => {
    const identity: IdentityValue = { entityType: "device", kind: "customKey", keyName: "serial", value: "7" };
    const { searches } = await remove(found, [{ success: true, data: {} }], identity);
    expect(searches).toMatchObject([{ type: "device", customKeyName: "serial", customKeyValue: "7" }]);
  });

  it("deletes nothing where no search shows anything, and says no more than that", async () => {
    const { result, deletions } = await remove(nothing, [new Error("never asked")]);
    expect([result, deletions]).toEqual(["unseen", []]);
  });

  it("takes a record for absent that went meanwhile, or by a try whose answer was lost", async () => {
    const gone = refusal(404, "RECORD_NOT_FOUND");
    expect((await remove(found, [gone])).result).toBe("absent");
    const { result, deletions } = await remove(found, [refusal(503, "server_error"), gone]);
    expect([result, deletions.length]).toEqual(["absent", 2]);
  });

  it("says so when deleting is refused, not allowed or not offered", async () => {
    await expect(remove(found, [refusal(400, "INVALID_PARAMS")])).rejects.toBeInstanceOf(ConfigError);
    await expect(remove(found, [refusal(403, "permission_error")])).rejects.toBeInstanceOf(AuthError);
    await expect(remove(found, [refusal(404, "not_found_error")])).rejects.toThrow("nothing at its path");
  });
});
