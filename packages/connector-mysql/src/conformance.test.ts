import { describeSource } from "@acme/sync-core/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { createMysqlHarness } from "./__fixtures__/conformance-harness.ts";
import { isMariadbInstalled, startServer, type TestServer } from "./__fixtures__/server.ts";

const noCursor = "a table that is compared in full has no cursor column";

describe.skipIf(!isMariadbInstalled)("MariaDB [needs MariaDB: apt-get install mariadb-server-core]", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });

  afterAll(() => server.stop());

  describeSource("a MariaDB table read by a column of timestamps", {
    create: () => createMysqlHarness(server, { cursor: "updated_at", throughQuery: false }),
  });

  describeSource("a MariaDB table read by a column of datetimes", {
    create: () => createMysqlHarness(server, { cursor: "updated_at", throughQuery: false, timeType: "datetime" }),
    seed: 6,
  });

  describeSource("a MariaDB table read by a column of rising numbers", {
    create: () => createMysqlHarness(server, { cursor: "seq", throughQuery: false }),
    cannot: { ties: "every row takes a number of its own from the sequence" },
    seed: 2,
  });

  describeSource("a MariaDB table that is compared in full", {
    create: () => createMysqlHarness(server, { cursor: null, throughQuery: false }),
    cannot: { clearCursor: noCursor },
    seed: 3,
  });

  describeSource("a MariaDB query read by a column of timestamps", {
    create: () => createMysqlHarness(server, { cursor: "updated_at", throughQuery: true }),
    seed: 4,
  });

  describeSource("a MariaDB query that is compared in full", {
    create: () => createMysqlHarness(server, { cursor: null, throughQuery: true }),
    cannot: { clearCursor: noCursor },
    seed: 5,
  });
});
