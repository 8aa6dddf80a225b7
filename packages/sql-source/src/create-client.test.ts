import { ConfigError, TransientError } from "@acme/sync-core";
import { describe, expect, it } from "vitest";
import { type Connection, createClient } from "./create-client.ts";
import type { Transaction } from "./transaction.ts";

const never = new AbortController().signal;
const subject = { doing: "reading t", relation: null };

class Lost extends Error {}
class Refused extends Error {}

/** Connections that note what is asked of them. The first `beginFails` times `begin` finds them dead. */
function createConnections(beginFails = 0) {
  const log: string[] = [];
  let number = 0;
  let failuresLeft = beginFails;
  const client = createClient<Transaction>({
    connect: () => {
      number += 1;
      const own = number;
      let alive = true;
      let onEnd = (): void => undefined;
      const note = (what: string): Promise<void> => {
        log.push(`${what} ${own}`);
        return Promise.resolve();
      };
      const connection: Connection<Transaction> = {
        transaction: { rows: () => Promise.resolve([]), page: () => Promise.reject(new Error("not asked for here")) },
        begin() {
          if (own === 1 && number === 1 && log.includes("commit 1") && failuresLeft > 0) {
            failuresLeft -= 1;
            return Promise.reject(new Lost());
          }
          return note("begin");
        },
        commit: () => note("commit"),
        rollback: () => note("rollback"),
        isAlive: () => alive,
        isBusy: () => true,
        destroy() {
          if (alive) log.push(`destroy ${own}`);
          alive = false;
          onEnd();
        },
        end: () => note("end"),
        onEnd: (listener) => {
          onEnd = listener;
        },
      };
      log.push(`connect ${own}`);
      return Promise.resolve(connection);
    },
    abandon: async () => {
      log.push("abandon");
      await Promise.resolve();
    },
    isConnectionLost: (error) => error instanceof Lost,
    isStatementError: (error) => error instanceof Refused,
    toSyncError: () => new TransientError("something", { hint: "again" }),
  });
  return { client, log };
}

describe("connections", () => {
  it("are kept for the next transaction, and end with a goodbye", async () => {
    const { client, log } = createConnections();
    expect(await client.transaction(subject, never, () => Promise.resolve(7))).toBe(7);
    await client.transaction(subject, never, () => Promise.resolve());
    await client.close();
    expect(log).toStrictEqual([
      "connect 1",
      "begin 1",
      "commit 1",
      "begin 1",
      "commit 1",
      "end 1",
      "destroy 1",
      "abandon",
    ]);
    await expect(client.transaction(subject, never, () => Promise.resolve())).rejects.toThrow(ConfigError);
  });

  it("found dead before the work begins are replaced once", async () => {
    const { client, log } = createConnections(1);
    await client.transaction(subject, never, () => Promise.resolve());
    await client.transaction(subject, never, () => Promise.resolve());
    expect(log).toStrictEqual(["connect 1", "begin 1", "commit 1", "destroy 1", "connect 2", "begin 2", "commit 2"]);
  });

  it("are rolled back and kept when the server refused a statement or we did, and dropped otherwise", async () => {
    const { client, log } = createConnections();
    for (const error of [new Refused(), new ConfigError("no", { hint: "x" })])
      await expect(client.transaction(subject, never, () => Promise.reject(error))).rejects.toBeInstanceOf(
        TransientError,
      );
    await expect(client.transaction(subject, never, () => Promise.reject(new Lost()))).rejects.toThrow();
    expect(log).toStrictEqual(["connect 1", "begin 1", "rollback 1", "begin 1", "rollback 1", "begin 1", "destroy 1"]);
  });

  it("are cut off by an abort, the server is told, and the signal's reason is what is thrown", async () => {
    const { client, log } = createConnections();
    const controller = new AbortController();
    const attempt = client.transaction(subject, controller.signal, () => {
      controller.abort(new Error("stop now"));
      return Promise.reject(new Lost());
    });
    await expect(attempt).rejects.toThrow("stop now");
    expect(log).toStrictEqual(["connect 1", "begin 1", "destroy 1", "abandon"]);
    await expect(client.transaction(subject, controller.signal, () => Promise.resolve())).rejects.toThrow("stop now");
  });
});
