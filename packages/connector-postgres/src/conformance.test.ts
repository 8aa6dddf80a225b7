import { describeSource } from "@acme/sync-core/testing";
import { afterAll, beforeAll } from "vitest";
import { createPostgresHarness } from "./__fixtures__/conformance-harness.ts";
import { startServer, type TestServer } from "./__fixtures__/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.stop());

const noCursor = "a table that is compared in full has no cursor column";

describeSource("a PostgreSQL table read by a column of times", {
  create: () => createPostgresHarness(server, { cursor: "updated_at", throughQuery: false }),
});

describeSource("a PostgreSQL table read by a column of numbers from a sequence", {
  create: () => createPostgresHarness(server, { cursor: "seq", throughQuery: false }),
  cannot: { ties: "every row takes a number of its own from the sequence" },
  seed: 2,
});

describeSource("a PostgreSQL table that is compared in full", {
  create: () => createPostgresHarness(server, { cursor: null, throughQuery: false }),
  cannot: { clearCursor: noCursor },
  seed: 3,
});

describeSource("a PostgreSQL query read by a column of times", {
  create: () => createPostgresHarness(server, { cursor: "updated_at", throughQuery: true }),
  seed: 4,
});

describeSource("a PostgreSQL query that is compared in full", {
  create: () => createPostgresHarness(server, { cursor: null, throughQuery: true }),
  cannot: { clearCursor: noCursor },
  seed: 5,
});
