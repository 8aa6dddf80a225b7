import { describeRunQueue, describeStateStore } from "@acme/sync-core/testing";
import { afterAll, beforeAll } from "vitest";
import { startServer, type TestServer } from "./__fixtures__/server.ts";
import { openPostgresRunQueue } from "./open-postgres-run-queue.ts";
import { openPostgresState } from "./open-postgres-state.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const at = (place: string): string => server.url(`&schema=${place.replaceAll("-", "_")}`);

describeStateStore("PostgreSQL state", async (place, now) => {
  const store = await openPostgresState({ url: at(place), now, mode: "create", clock: "process" });
  if (store === null) throw new Error("no state was made");
  return store;
});

describeRunQueue("PostgreSQL run queue", async (place, now) => {
  const queue = await openPostgresRunQueue({ url: at(place), now, mode: "create", clock: "process" });
  if (queue === null) throw new Error("no run queue was made");
  return queue;
});
